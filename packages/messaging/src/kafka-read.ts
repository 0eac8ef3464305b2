import type { BusRecord, ReadOptions } from "./bus.ts";
import type { KafkaClient, KafkaClientAdmin } from "./kafka-client.ts";
import { recordOf } from "./kafka-subscription.ts";

const READY_MAX = 2_000;
const SILENT_MS_MAX = 60_000;

/**
 * Reads a topic up to its present end. kafkajs only reads as a member of a group, so this is a group of one that
 * commits nothing and is gone afterwards.
 */
export async function* readKafka(
  kafka: KafkaClient,
  groupId: string,
  { topic, from }: ReadOptions,
  asking: <T>(ask: (admin: KafkaClientAdmin) => Promise<T>) => Promise<T>,
): AsyncGenerator<BusRecord> {
  const bounds = await asking((admin) => admin.fetchTopicOffsets(topic));
  const begins = new Map(
    "offset" in from
      ? bounds.map(({ partition, low }) => [partition, Math.max(Number(low), from.offset)])
      : (await asking((admin) => admin.fetchTopicOffsetsByTimestamp(topic, from.time))).map(({ partition, offset }) => [
          partition,
          Number(offset),
        ]),
  );
  const left = new Map(
    bounds.flatMap(({ partition, high }) =>
      (begins.get(partition) ?? 0) < Number(high) ? [[partition, Number(high)] as const] : [],
    ),
  );
  if (left.size === 0) return;

  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 30_000,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1_048_576,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 },
  });
  const ready: BusRecord[] = [];
  const paused = new Set<number>();
  const fetchedTo = new Map<number, number>();
  let wake = (): void => undefined;
  let failure: Error | undefined;
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart) return;
    failure = error;
    wake();
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        const { batch } = payload;
        for (const message of batch.messages) ready.push(recordOf(topic, batch.partition, message));
        payload.resolveOffset(batch.lastOffset());
        fetchedTo.set(batch.partition, Number(batch.lastOffset()) + 1);
        wake();
        if (ready.length < READY_MAX) return;
        payload.pause();
        paused.add(batch.partition);
      },
    });
    for (const partition of left.keys())
      consumer.seek({ topic, partition, offset: String(begins.get(partition) ?? 0) });

    const seen = new Map(begins);
    while (left.size > 0) {
      const record = ready.shift();
      if (record === undefined) {
        // The last records may be none of ours to read: compacted away, or a transaction's marker.
        for (const [partition, end] of left) if ((fetchedTo.get(partition) ?? 0) >= end) left.delete(partition);
        if (left.size === 0) break;
        resume();
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`nothing of ${topic} came in a minute`)), SILENT_MS_MAX);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          if (ready.length > 0 || failure !== undefined) wake();
        });
        if (failure !== undefined) throw failure;
        continue;
      }
      const end = left.get(record.partition);
      // What was fetched before the seek took effect, or again after a rebalance.
      if (end === undefined || record.offset < (seen.get(record.partition) ?? 0)) continue;
      if (record.offset >= end - 1) left.delete(record.partition);
      seen.set(record.partition, record.offset + 1);
      if (record.offset < end) yield record;
    }
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }

  function resume(): void {
    if (paused.size === 0) return;
    consumer.resume([{ topic, partitions: [...paused] }]);
    paused.clear();
  }
}
