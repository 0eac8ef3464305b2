import { idFor } from "@opsdesk/identity";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { BusRecord } from "./bus.ts";
import { memoryBus } from "./memory-bus.ts";
import { PublishedFacts } from "./published-facts.ts";

const TOPIC = "ticket.triaged.v1";
const JOB = idFor("a job");
const record = (id: string, timestamp: number): BusRecord => ({
  topic: TOPIC,
  partition: 0,
  offset: timestamp,
  key: "tkt_1",
  headers: { ce_id: id },
  value: "{}",
  timestamp,
});
const event = (id: string, step: string, time = "2026-01-01T00:00:00Z"): Envelope =>
  ({
    id,
    type: "ticket.triaged",
    time,
    causationid: "cause",
    subject: "tkt_1",
    idempotencykey: `cause:triage.ticket.triaged${step}`,
  }) as unknown as Envelope;

describe("what was published before", () => {
  it("says when a decision was made by what its handler published, and not by what a job did later", () => {
    const facts = new PublishedFacts("triage");
    facts.add(record("1", 50), event("1", `:${JOB}`));
    expect(facts.decided("cause")).toBeUndefined();
    facts.add(record("2", 40), event("2", "", "2026-01-01T00:00:02Z"));
    facts.add(record("3", 50), event("3", ":second", "2026-01-01T00:00:01Z"));
    expect(facts.decided("cause")).toEqual({ now: "2026-01-01T00:00:01Z", subject: "tkt_1" });
    expect(facts.causesOfJobs()).toEqual(["cause"]);
  });

  it("lets a job run at once whose result is known, and no other", () => {
    const facts = new PublishedFacts("triage");
    facts.add(record("1", 50), event("1", `:${JOB}`));
    const job = { queue: "q", data: {}, startAfterSeconds: 60, fromMemory: false };
    expect(
      facts
        .atOnce([
          { ...job, id: JOB },
          { ...job, id: idFor("another") },
        ])
        .map((one) => one.fromMemory),
    ).toEqual([true, false]);
  });

  it("is not sent a second time; everything else is, also to another topic", async () => {
    const facts = new PublishedFacts("triage");
    facts.add(record("1", 50), event("1", ""));
    const bus = memoryBus();
    await bus.ensureTopics([TOPIC, `${TOPIC}.acme`].map((name) => ({ name, partitions: 1 })));
    const sent = (id: string, topic = TOPIC) => ({ topic, key: "k", headers: { ce_id: id }, value: id });
    await facts.withholding(bus).send([sent("1"), sent("2"), sent("1", `${TOPIC}.acme`)]);
    const read = async (topic: string) => {
      const values: string[] = [];
      for await (const { value } of bus.read({ topic, from: { offset: 0 } })) values.push(value);
      return values;
    };
    expect([await read(TOPIC), await read(`${TOPIC}.acme`), facts.withheld()]).toEqual([["2"], ["1"], 1]);
  });
});
