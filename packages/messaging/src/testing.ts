import { randomUUID } from "node:crypto";
import { type BusUnderTest, busContract } from "./bus.contract.ts";
import type { Bus, OutgoingRecord } from "./bus.ts";

/** The contract of the port on a broker that others use too. */
export const kafkaBusContract = (name: string, make: () => Bus): void => busContract({ name, open: opener(make) });

/** Every test has topics and groups of its own: `a` is `a` of this prefix. */
function prefixed(bus: Bus, prefix: string): Bus {
  const to = (name: string): string => `${prefix}.${name}`;
  const from = (name: string): string => name.slice(prefix.length + 1);
  const outgoing = (record: OutgoingRecord): OutgoingRecord => ({ ...record, topic: to(record.topic) });
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics.map((topic) => ({ ...topic, name: to(topic.name) }))),
    send: (records) => bus.send(records.map(outgoing)),
    positions: async (group, topics) =>
      (await bus.positions(to(group), topics.map(to))).map((one) => ({ ...one, topic: from(one.topic) })),
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

const opener =
  (make: () => Bus): BusUnderTest["open"] =>
  async () => {
    const prefix = `contract-${randomUUID()}`;
    const opened: Bus[] = [];
    const again = async (): Promise<Bus> => {
      const bus = make();
      opened.push(bus);
      return prefixed(bus, prefix);
    };
    return {
      bus: await again(),
      again,
      close: async () => {
        await Promise.all(opened.map((one) => one.close()));
      },
    };
  };
