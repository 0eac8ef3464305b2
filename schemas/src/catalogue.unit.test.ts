import { topicCatalogue } from "./catalogue.ts";
import { contracts } from "./contracts.ts";

describe("the topic catalogue", () => {
  it("has one topic for every contract, named after type and major version", () => {
    expect(topicCatalogue.map(({ name }) => name)).toEqual(
      contracts.map(({ type, major }) => `${type}.v${major}`).toSorted(),
    );
  });

  it("keeps facts for ever, the newest state of each key, and the rest for fourteen days", () => {
    const retention = new Set(
      topicCatalogue.map((topic) => `${topic.class} ${topic.cleanupPolicy} ${topic.retentionMs}`),
    );
    expect([...retention].toSorted()).toEqual([
      "command delete 1209600000",
      "fact delete -1",
      "operational delete 1209600000",
      "state compact -1",
    ]);
  });

  it("spreads tickets and enquiries over twelve partitions and everything else over three", () => {
    for (const { key, partitions } of topicCatalogue)
      expect(partitions).toBe(key === "ticket" || key === "thread" ? 12 : 3);
  });

  it("never compacts a topic whose key may be missing or whose records are not whole states", () => {
    expect(
      topicCatalogue
        .filter(({ cleanupPolicy }) => cleanupPolicy === "compact")
        .map(({ eventType, key }) => [eventType, key]),
    ).toEqual([
      ["desk.configured", "tenant"],
      ["rollout.changed", "tenant"],
      ["router.trained", "tenant"],
    ]);
  });

  it("gives every topic someone at both ends, but the one that is only read after a loss", () => {
    for (const { eventType, producers, consumers } of topicCatalogue) {
      expect(producers.length).toBeGreaterThan(0);
      expect(consumers.length === 0).toBe(eventType === "input.accepted");
    }
  });
});
