import type { KafkaClientConsumer } from "@opsdesk/messaging/kafka-client";
import { Consumer, ListOffsetTimestamps, type RecordsBatch } from "@platformatic/kafka";
import type { ConsumerConfig, EachBatchPayload } from "kafkajs";
import { ConsumerEvents } from "./events.ts";
import { type Place, Positions } from "./positions.ts";

export const RETRY_MS = 300;
/** Of a transaction's end, which is no record. */
const CONTROL = 32;

/** What each of its clients is made with. */
export interface Base {
  readonly clientId: string;
  readonly bootstrapBrokers: string[];
  readonly retries: number;
}

export function consumerOf(base: Base, config: ConsumerConfig): KafkaClientConsumer {
  const consumer = new Consumer({
    ...base,
    groupId: config.groupId,
    sessionTimeout: config.sessionTimeout ?? 30_000,
    heartbeatInterval: config.heartbeatInterval ?? 3_000,
    rebalanceTimeout: config.rebalanceTimeout ?? 60_000,
  });
  const events = new ConsumerEvents();
  const positions = new Positions();
  let fromBeginning = false;
  const closed = new AbortController();
  let fetching: Promise<void> = Promise.resolve();
  let wake = (): void => undefined;

  /** Where the group goes on in what it has just been assigned. */
  async function findPlaces(): Promise<void> {
    const assignments = consumer.assignments ?? [];
    const turn = positions.assign();
    if (assignments.length === 0) return;
    const topics = assignments.map(({ topic }) => topic);
    const [committed, ends] = await Promise.all([
      consumer.listCommittedOffsets({ topics: assignments }),
      consumer.listOffsets({
        topics,
        timestamp: fromBeginning ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST,
      }),
    ]);
    for (const { topic, partitions } of assignments)
      for (const partition of partitions) {
        const at = committed.get(topic)?.[partition] ?? -1n;
        positions.begin(turn, { topic, partition }, Number(at < 0n ? (ends.get(topic)?.[partition] ?? 0n) : at));
      }
  }

  consumer.on("consumer:group:join", () => {
    events.emit("GROUP_JOIN", {
      memberAssignment: Object.fromEntries(
        (consumer.assignments ?? []).map(({ topic, partitions }) => [topic, partitions]),
      ),
    });
    findPlaces().then(
      () => wake(),
      (error: unknown) => events.emit("CRASH", { error, restart: false }),
    );
  });

  // When it could not join again it beats no more, and says nothing but this.
  consumer.on("error", (error: unknown) => events.emit("CRASH", { error, restart: false }));

  async function fetchOnce(eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> {
    const wanted = positions.wanted();
    if (wanted.length === 0) {
      await new Promise<void>((resolve) => (wake = resolve));
      return;
    }
    const metadata = await consumer.metadata({ topics: [...consumer.topics.current] });
    const nodes = new Map<number, Map<string, (Place & { offset: number })[]>>();
    for (const place of wanted) {
      const topic = metadata.topics.get(place.topic);
      const leader = topic?.partitions[place.partition]?.leader;
      if (topic === undefined || leader === undefined) continue;
      const topics = nodes.get(leader) ?? new Map<string, (Place & { offset: number })[]>();
      nodes.set(leader, topics.set(topic.id, [...(topics.get(topic.id) ?? []), place]));
    }
    const names = new Map([...metadata.topics].map(([name, { id }]) => [id, name]));
    const turn = positions.turn;
    await Promise.all(
      [...nodes].map(async ([node, topics]) => {
        const { responses } = await consumer.fetch({
          node,
          minBytes: config.minBytes ?? 1,
          maxBytes: config.maxBytes ?? 10_485_760,
          maxWaitTime: config.maxWaitTimeInMs ?? 500,
          topics: [...topics].map(([topicId, places]) => ({
            topicId,
            partitions: places.map(({ partition, offset }) => ({
              partition,
              fetchOffset: BigInt(offset),
              partitionMaxBytes: config.maxBytesPerPartition ?? 1_048_576,
              currentLeaderEpoch: -1,
              lastFetchedEpoch: -1,
            })),
          })),
        });
        for (const { topicId, partitions } of responses)
          for (const { partitionIndex: partition, records } of partitions) {
            const topic = names.get(topicId);
            if (topic === undefined || !records?.length) continue;
            const place = { topic, partition };
            const from = positions.of(turn, place);
            if (from === undefined) continue;
            const messages = messagesOf(records, from);
            const last = records.at(-1);
            const next = last === undefined ? from : Number(last.firstOffset) + last.lastOffsetDelta + 1;
            positions.move(turn, place, next);
            if (messages.length > 0)
              await eachBatch({
                batch: { ...place, messages, lastOffset: () => String(next - 1) },
                resolveOffset: () => undefined,
                heartbeat: async () => undefined,
                pause: () => positions.pause([{ topic, partitions: [partition] }]),
                // What a subscription and a reader of this bus use of a payload.
              } as unknown as EachBatchPayload);
          }
      }),
    );
    events.emit("FETCH");
  }

  async function fetchOn(eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> {
    while (!closed.signal.aborted)
      try {
        await fetchOnce(eachBatch);
      } catch (error) {
        if (closed.signal.aborted) return;
        events.emit("CRASH", { error, restart: true });
        consumer.clearMetadata();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
  }

  return {
    ...events.members,
    connect: async () => undefined,
    async subscribe(subscription) {
      fromBeginning = subscription.fromBeginning ?? false;
      if ("topics" in subscription) consumer.topics.trackAll(...subscription.topics.map(String));
    },
    async run({ eachBatch } = {}) {
      await consumer.joinGroup({});
      if (eachBatch !== undefined) fetching = fetchOn(eachBatch);
    },
    commitOffsets: (offsets) =>
      consumer.commit({
        offsets: offsets.map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset: BigInt(offset),
          leaderEpoch: -1,
        })),
      }),
    pause: (topics) => void positions.pause(topics),
    resume(topics) {
      positions.resume(topics);
      wake();
    },
    seek: ({ topic, partition, offset }) => positions.seek({ topic, partition }, Number(offset)),
    async disconnect() {
      closed.abort();
      wake();
      await consumer.close(true);
      await fetching;
    },
  };
}

function messagesOf(batches: readonly RecordsBatch[], from: number): EachBatchPayload["batch"]["messages"] {
  const messages: EachBatchPayload["batch"]["messages"] = [];
  for (const { attributes, firstOffset, firstTimestamp, records } of batches) {
    if ((attributes & CONTROL) !== 0) continue;
    const [first, since] = [Number(firstOffset), Number(firstTimestamp)];
    for (const { key, value, headers, offsetDelta, timestampDelta } of records) {
      // A batch is fetched whole, even from its middle.
      if (first + offsetDelta < from) continue;
      const own: Record<string, Buffer> = {};
      for (const [name, text] of headers) if (name !== null && text !== null) own[name.toString()] = text;
      messages.push({
        key,
        value,
        headers: own,
        offset: String(first + offsetDelta),
        timestamp: String(since + Number(timestampDelta)),
        attributes: 0,
      });
    }
  }
  return messages;
}
