import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import type { BusRecord, SubscribeOptions, Subscription } from "./bus.ts";
import type { KafkaClientConsumer } from "./kafka-client.ts";
import { pause } from "./pause.ts";

const BUSY_RECORDS = 8;
/** What a kill leaves uncommitted comes again and is found claimed; each commit costs the broker a record. */
const COMMIT_MS = 250;
/** Times the largest batch: what is kept ready for a partition while its batch is being worked on. */
const READY_BATCHES = 3;
/** The same by size: a few hundred large records of each partition would be more memory than a process has. */
const READY_BYTES = 2_097_152;
const BATCH_BYTES = 1_048_576;
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
  /** Of what is ready. */
  bytes: number;
  /** The first offset that has not been given back to the group, and the one behind all that came. */
  next: number;
  end: number;
  working: boolean;
  /** Of the work in hand; a batch that neither ends nor beats is stuck. */
  beatAt: number;
  paused: boolean;
}

const sizeOf = ({ value }: BusRecord): number => value.length;

/** Takes what makes one batch: at least a record, however large it is. */
function takeBatch(lane: Lane, recordsMax: number): readonly BusRecord[] {
  let bytes = 0;
  let count = 0;
  for (const record of lane.ready) {
    if (count >= recordsMax || (count > 0 && bytes + sizeOf(record) > BATCH_BYTES)) break;
    bytes += sizeOf(record);
    count += 1;
  }
  lane.bytes -= bytes;
  return lane.ready.splice(0, count);
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
  let assigned: ReadonlySet<string> = new Set();
  /** Where the queue of a partition stood when a new assignment emptied it. */
  const emptied = new Map<string, number>();
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
    try {
      if (paused) consumer.pause(which);
      else consumer.resume(which);
    } catch {
      // It is about to join its group again, and then nothing is paused.
      lane.paused = false;
    }
  };

  const isFull = ({ bytes, ready }: Lane): boolean =>
    ready.length >= options.recordsMax * READY_BATCHES || bytes >= READY_BYTES;

  async function work(lane: Lane): Promise<void> {
    const isStale = (): boolean => lane.epoch !== epoch;
    while (!stopping.signal.aborted && !fault.told && !isStale()) {
      const records = takeBatch(lane, options.recordsMax);
      if (records.length === 0) break;
      if (lane.ready.length < options.recordsMax && lane.bytes < BATCH_BYTES) setPaused(lane, false);
      lane.beatAt = Date.now();
      await options.onBatch({
        topic: lane.topic,
        partition: lane.partition,
        records,
        commit: (nextOffset) => {
          if (isStale()) return;
          lane.next = nextOffset;
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

  const laneOf = (place: string, topic: string, partition: number, first: number): Lane => {
    let lane = lanes.get(place);
    if (lane === undefined) {
      lane = {
        topic,
        partition,
        epoch,
        ready: [],
        bytes: 0,
        next: first,
        end: first,
        working: false,
        beatAt: 0,
        paused: false,
      };
      lanes.set(place, lane);
    }
    return lane;
  };

  /**
   * With several brokers kafkajs joins its group again in the middle of one's fetch, and what another had on its way
   * arrives under the new assignment. Resolved, it would carry fetching past what the assignment has emptied: it is
   * neither, so that fetching begins where the group has committed. What then comes is taken, wherever it begins: others
   * may have had the partition meanwhile.
   */
  const isLate = (place: string, first: number): boolean => {
    if (!assigned.has(place)) return true;
    const from = emptied.get(place);
    emptied.delete(place);
    return from !== undefined && first > from;
  };

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    beatAt = Date.now();
    const place = `${batch.topic}/${batch.partition}`;
    const first = Number(batch.messages[0]?.offset ?? batch.lastOffset());
    if (isLate(place, first)) return;
    const lane = laneOf(place, batch.topic, batch.partition, first);
    for (const message of batch.messages) {
      const record = recordOf(batch.topic, batch.partition, message);
      lane.ready.push(record);
      lane.bytes += sizeOf(record);
    }
    lane.end = Number(batch.lastOffset()) + 1;
    // Resolved is not committed: it only moves the next fetch on.
    payload.resolveOffset(batch.lastOffset());
    if (isFull(lane)) setPaused(lane, true);
    start(lane);
    await payload.heartbeat();
  }

  const joined = Promise.withResolvers<void>();
  const fetched = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    // Fetching begins again at what is committed: what is still queued would be handled before and after it.
    epoch += 1;
    assigned = new Set(
      Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => `${topic}/${partition}`),
      ),
    );
    for (const [place, lane] of lanes) {
      if (lane.next < lane.end) emptied.set(place, Math.min(lane.next, emptied.get(place) ?? lane.next));
      setPaused(lane, false);
    }
    for (const place of emptied.keys()) if (!assigned.has(place)) emptied.delete(place);
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
      return [...assigned].every((place) => (behind.get(place) ?? 0) === 0);
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
