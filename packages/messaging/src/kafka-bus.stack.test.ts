import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { testKafka } from "@opsdesk/servers/suites";
import { type BusUnderTest, busContract } from "./bus.contract.ts";
import type { Bus, OutgoingRecord } from "./bus.ts";
import { kafkaBus } from "./kafka-bus.ts";

const brokers = [...testKafka().brokers];

/** Every test has topics and groups of its own: `a` is `a` of this prefix. */
function prefixed(bus: Bus, prefix: string): Bus {
  const to = (name: string): string => `${prefix}.${name}`;
  const from = (name: string): string => name.slice(prefix.length + 1);
  const outgoing = (record: OutgoingRecord): OutgoingRecord => ({ ...record, topic: to(record.topic) });
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics.map((topic) => ({ ...topic, name: to(topic.name) }))),
    send: (records) => bus.send(records.map(outgoing)),
    subscribe: (options) =>
      bus.subscribe({
        ...options,
        group: to(options.group),
        topics: options.topics.map(to),
        onBatch: (batch) =>
          options.onBatch({
            ...batch,
            topic: from(batch.topic),
            records: batch.records.map((record) => ({ ...record, topic: from(record.topic) })),
          }),
      }),
    async *read(request) {
      for await (const record of bus.read({ ...request, topic: to(request.topic) }))
        yield { ...record, topic: from(record.topic) };
    },
    async lag(group, topics) {
      const lag = await bus.lag(to(group), topics.map(to));
      return new Map([...lag].map(([topic, value]) => [from(topic), value]));
    },
    close: () => bus.close(),
  };
}

const open: BusUnderTest["open"] = () => {
  const prefix = `contract-${randomUUID()}`;
  const opened: Bus[] = [];
  const again = (): Promise<Bus> => {
    const bus = kafkaBus({
      connection: { brokers },
      name: "opsdesk.contract",
      lingerMs: 3,
      onTrouble: () => undefined,
    });
    opened.push(bus);
    return Promise.resolve(prefixed(bus, prefix));
  };
  return again().then((bus) => ({
    bus,
    again,
    close: async () => {
      await Promise.all(opened.map((one) => one.close()));
    },
  }));
};

busContract({ name: "Kafka", open });

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
