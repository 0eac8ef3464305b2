import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import type { BusRecord, SubscribeOptions, Subscription } from "./bus.ts";
import type { KafkaClientConsumer } from "./kafka-client.ts";
import { pause } from "./pause.ts";

const BUSY_RECORDS = 8;
const COMMIT_MS = 200;
/** Times the largest batch: what is kept ready for a partition while its batch is being worked on. */
const READY_BATCHES = 3;
const JOIN_MS_MAX = 30_000;
const LEAVE_MS_MAX = 10_000;

export interface KafkaSubscriptionPorts {
  readonly consumer: KafkaClientConsumer;
  readonly lingerMs: number;
  /** How many records of each partition (`topic/partition`) the group has not committed. */
  readonly behind: (group: string, topics: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** What has been fetched of one partition, under one assignment of it. */
interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: number;
  readonly ready: BusRecord[];
  working: boolean;
  /** Of the work in hand; a batch that neither ends nor beats is stuck. */
  beatAt: number;
  paused: boolean;
}

const headersOf = (message: KafkaMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(message.headers ?? {}).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first.toString()]];
    }),
  );

export const recordOf = (topic: string, partition: number, message: KafkaMessage): BusRecord => ({
  topic,
  partition,
  offset: Number(message.offset),
  key: message.key?.toString() ?? null,
  headers: headersOf(message),
  // A record without a value is not an event; its handler's dead letters say so.
  value: message.value?.toString() ?? "",
  timestamp: Number(message.timestamp),
});

/**
 * A member of a consumer group. Fetching and working are apart: what is fetched goes into a short queue for each
 * partition, so that the next fetch waits for no handler and heartbeats go on, and a partition whose queue is full is
 * paused. Nothing is ever thrown at kafkajs, which would stop the consumer for ever or fetch the same again.
 */
export async function subscribeToKafka(
  ports: KafkaSubscriptionPorts,
  options: SubscribeOptions,
): Promise<Subscription> {
  const { consumer } = ports;
  const stopping = new AbortController();
  const lanes = new Map<string, Lane>();
  const commits = new Map<string, { topic: string; partition: number; offset: string }>();
  const working = new Set<Promise<void>>();
  // Rises with every assignment of partitions: what was fetched under an earlier one comes again.
  let epoch = 0;
  let assigned: readonly string[] = [];
  let beatAt = Date.now();
  const fault: { told: boolean } = { told: false };
  let committing: Promise<void> = Promise.resolve();

  const stopFor = (error: unknown): void => {
    if (fault.told || stopping.signal.aborted) return;
    fault.told = true;
    options.onStopped(error);
  };

  const flushCommits = (): Promise<void> => {
    committing = commitAfter(committing);
    return committing;
  };
  async function commitAfter(earlier: Promise<void>): Promise<void> {
    await earlier;
    if (commits.size === 0) return;
    const offsets = [...commits.values()];
    commits.clear();
    // An offset that is not committed only means that its records come again.
    await consumer
      .commitOffsets(offsets)
      .catch((error: unknown) => ports.onTrouble("offsets could not be committed now", error));
  }

  const setPaused = (lane: Lane, paused: boolean): void => {
    if (lane.paused === paused) return;
    lane.paused = paused;
    const which = [{ topic: lane.topic, partitions: [lane.partition] }];
    if (paused) consumer.pause(which);
    else consumer.resume(which);
  };

  async function work(lane: Lane): Promise<void> {
    const isStale = (): boolean => lane.epoch !== epoch;
    while (!stopping.signal.aborted && !fault.told && !isStale()) {
      const records = lane.ready.splice(0, options.recordsMax);
      if (records.length === 0) break;
      if (lane.ready.length < options.recordsMax) setPaused(lane, false);
      lane.beatAt = Date.now();
      await options.onBatch({
        topic: lane.topic,
        partition: lane.partition,
        records,
        commit: (nextOffset) => {
          if (!isStale())
            commits.set(`${lane.topic}/${lane.partition}`, {
              topic: lane.topic,
              partition: lane.partition,
              offset: String(nextOffset),
            });
        },
        heartbeat: async () => {
          lane.beatAt = Date.now();
        },
        isStale,
      });
      if (records.length >= BUSY_RECORDS && records.length < options.recordsMax && lane.ready.length === 0)
        await pause(stopping.signal, ports.lingerMs);
    }
  }

  const start = (lane: Lane): void => {
    if (lane.working || lane.ready.length === 0) return;
    lane.working = true;
    const run = work(lane)
      .catch(stopFor)
      .finally(() => {
        working.delete(run);
        lane.working = false;
        // What came between the last look and here.
        if (!fault.told && !stopping.signal.aborted && lane.epoch === epoch) start(lane);
      });
    working.add(run);
  };

  const laneOf = (topic: string, partition: number): Lane => {
    const place = `${topic}/${partition}`;
    let lane = lanes.get(place);
    if (lane === undefined) {
      lane = { topic, partition, epoch, ready: [], working: false, beatAt: 0, paused: false };
      lanes.set(place, lane);
    }
    return lane;
  };

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    beatAt = Date.now();
    const lane = laneOf(batch.topic, batch.partition);
    for (const message of batch.messages) lane.ready.push(recordOf(batch.topic, batch.partition, message));
    // Resolved is not committed: it only moves the next fetch on.
    payload.resolveOffset(batch.lastOffset());
    if (lane.ready.length >= options.recordsMax * READY_BATCHES) setPaused(lane, true);
    start(lane);
    await payload.heartbeat();
  }

  const joined = Promise.withResolvers<void>();
  const fetched = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    // Fetching begins again at what is committed: what is still queued would be handled before and after it.
    epoch += 1;
    assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => `${topic}/${partition}`),
    );
    for (const lane of lanes.values()) setPaused(lane, false);
    lanes.clear();
    commits.clear();
    beatAt = Date.now();
    joined.resolve();
  });
  // The coordinator still takes offsets while members rejoin.
  consumer.on(consumer.events.REBALANCING, () => void flushCommits());
  consumer.on(consumer.events.FETCH, () => {
    beatAt = Date.now();
    fetched.resolve();
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart) return ports.onTrouble("the consumer failed and starts again", error);
    // It would stay silent for ever while the process lives.
    joined.reject(error);
    stopFor(error);
  });

  await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.from === "earliest" });
  const timer = setInterval(() => void flushCommits(), COMMIT_MS);
  timer.unref();
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 3, eachBatch });
  // Its place in the log is settled with the first fetch; a member without partitions makes none.
  await within(JOIN_MS_MAX, joined.promise);
  await within(1_000, fetched.promise).catch(() => undefined);

  return {
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await Promise.all(working);
      await flushCommits();
      await within(LEAVE_MS_MAX, consumer.disconnect()).catch((error: unknown) =>
        ports.onTrouble("the group could not be left in order", error),
      );
    },
    beatAt: () => Math.min(beatAt, ...[...lanes.values()].filter((lane) => lane.working).map((lane) => lane.beatAt)),
    async caughtUp() {
      if ([...lanes.values()].some((lane) => lane.working || lane.ready.length > 0)) return false;
      await flushCommits();
      const behind = await ports.behind(options.group, options.topics);
      return assigned.every((place) => (behind.get(place) ?? 0) === 0);
    },
  };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing happened in ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
