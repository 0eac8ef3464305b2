import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Bus, BusRecord } from "./bus.ts";
import { Growth, type PartitionSource, partitionOf, subscribeToPartitions } from "./partition-loop.ts";

export interface MemoryBusFaults {
  /** Called before a send takes effect; a throw is an outage. */
  beforeSend?: () => void;
}

/** The bus in this process, for tests and for a desk without a disk. Forgets everything with the process. */
export function memoryBus(options: { now?: () => number; faults?: MemoryBusFaults } = {}): Bus {
  const now = options.now ?? (() => Date.now());
  const logs = new Map<string, BusRecord[][]>();
  const offsets = new Map<string, number>();
  const growth = new Growth();
  const stops = new Set<() => Promise<void>>();
  let turn = 0;

  const partitionsOf = (topic: string): BusRecord[][] => {
    const partitions = logs.get(topic);
    if (partitions === undefined) throw new RejectedError("topic_unknown", `topic ${topic} was never declared`);
    return partitions;
  };
  const logOf = (topic: string, partition: number): BusRecord[] => partitionsOf(topic)[partition] ?? [];

  const source: PartitionSource = {
    partitions: async (topic) => partitionsOf(topic).length,
    committed: async (group, topics) =>
      new Map(
        topics.flatMap((topic) =>
          partitionsOf(topic).flatMap((_, partition): [string, number][] => {
            const next = offsets.get(`${group}/${topic}/${partition}`);
            return next === undefined ? [] : [[`${topic}/${partition}`, next]];
          }),
        ),
      ),
    end: async (topic, partition) => logOf(topic, partition).length,
    fetch: async (topic, partition, from, max) => logOf(topic, partition).slice(from, from + max),
    wait: (topic, partition, from, signal) =>
      logOf(topic, partition).length > from ? Promise.resolve() : growth.wait(`${topic}/${partition}`, signal, 1_000),
    commit: (group, topic, partition, next) => void offsets.set(`${group}/${topic}/${partition}`, next),
    flushCommits: async () => undefined,
    lingerMs: 0,
  };

  return {
    system: "opsdesk_memory",
    async ensureTopics(topics) {
      for (const topic of topics)
        if (!logs.has(topic.name))
          logs.set(
            topic.name,
            Array.from({ length: topic.partitions }, () => []),
          );
    },
    async send(records) {
      try {
        options.faults?.beforeSend?.();
      } catch (cause) {
        throw new TransientError("bus_unavailable", "the bus takes nothing now", { cause });
      }
      const grown = new Set<string>();
      for (const record of records) {
        const partitions = partitionsOf(record.topic);
        const partition =
          record.key === null ? (turn += 1) % partitions.length : partitionOf(record.key, partitions.length);
        const log = logOf(record.topic, partition);
        log.push({ ...record, partition, offset: log.length, timestamp: now() });
        grown.add(`${record.topic}/${partition}`);
      }
      for (const place of grown) growth.wake(place);
    },
    async subscribe(subscription) {
      const live = await subscribeToPartitions(source, subscription);
      const stop = (): Promise<void> => live.stop().finally(() => stops.delete(stop));
      stops.add(stop);
      return { ...live, stop };
    },
    async *read({ topic, from }) {
      for (const log of partitionsOf(topic)) {
        const end = log.length;
        for (const record of log.slice(0, end))
          if ("offset" in from ? record.offset >= from.offset : record.timestamp >= from.time) yield record;
      }
    },
    async lag(group, topics) {
      return new Map(
        topics.map((topic) => {
          const waiting = partitionsOf(topic).flatMap((log, partition) =>
            log.slice(offsets.get(`${group}/${topic}/${partition}`) ?? 0),
          );
          const oldest = Math.min(now(), ...waiting.map((record) => record.timestamp));
          return [topic, { records: waiting.length, oldestMs: now() - oldest }];
        }),
      );
    },
    positions(group, topics) {
      return Promise.resolve(
        topics.flatMap((topic) =>
          partitionsOf(topic).map((log, partition) => ({
            topic,
            partition,
            committed: offsets.get(`${group}/${topic}/${partition}`) ?? 0,
            end: log.length,
          })),
        ),
      );
    },
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
    },
  };
}
