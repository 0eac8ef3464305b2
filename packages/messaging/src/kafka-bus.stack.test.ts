import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { newId } from "@opsdesk/identity";
import { testKafka } from "@opsdesk/servers/suites";
import { kafkaBus } from "./kafka-bus.ts";
import { kafkaBusContract } from "./testing.ts";

const brokers = [...testKafka().brokers];

kafkaBusContract("Kafka", () =>
  kafkaBus({ connection: { brokers }, name: "opsdesk.contract", lingerMs: 3, onTrouble: () => undefined }),
);

describe("what a broker lacks", () => {
  it("is named, and nothing else", async () => {
    const bus = kafkaBus({ connection: { brokers }, name: "opsdesk.lacks", lingerMs: 0, onTrouble: () => undefined });
    const there = `lacks.${newId()}`;
    await bus.ensureTopics([{ name: there, partitions: 1 }]);
    expect(await bus.missing([there, `${there}.acme`])).toEqual([`${there}.acme`]);
    await bus.close();
  });
});

describe("the Kafka bus without a broker", () => {
  it("tries as often under NODE_ENV=test as anywhere", async () => {
    expect(process.env["NODE_ENV"]).toBe("test");
    let attempts = 0;
    const broken = createServer((socket) => {
      attempts += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(broken, "listening");
    // A TCP server's address is never a string.
    const { port } = broken.address() as AddressInfo;
    const bus = kafkaBus({
      connection: { brokers: [`127.0.0.1:${port}`] },
      name: "opsdesk.retries",
      lingerMs: 0,
      onTrouble: () => undefined,
    });
    await expect(bus.lag("g", ["a"])).rejects.toMatchObject({ code: "bus_unavailable" });
    // kafkajs's own defaults for tests are sixteen, close together.
    expect(attempts).toBe(6);
    await new Promise((resolve) => broken.close(resolve));
  });
});
