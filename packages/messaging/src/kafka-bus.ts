import { TransientError } from "@opsdesk/errors";
import { newId } from "@opsdesk/identity";
import { Kafka, logLevel } from "kafkajs";
import type { Bus, Position, ReadOptions, Subscription } from "./bus.ts";
import type { KafkaClient, KafkaClientAdmin } from "./kafka-client.ts";
import { readEveryCodec } from "./kafka-codecs.ts";
import type { KafkaConnection } from "./kafka-connection.ts";
import { KafkaProducer } from "./kafka-producer.ts";
import { readKafka } from "./kafka-read.ts";
import { subscribeToKafka } from "./kafka-subscription.ts";

export interface KafkaBusOptions {
  /** Brokers, and how to log in to them. */
  readonly connection: KafkaConnection;
  /** Who connects: `opsdesk.triage`. Groups of its own for reading outside a group begin with it. */
  readonly name: string;
  readonly lingerMs: number;
  readonly onTrouble: (message: string, error: unknown) => void;
}

export interface KafkaBus extends Bus {
  /** Whether a broker answers now. */
  reachable(): Promise<boolean>;
  /** Which of these topics the broker lacks, or keeps from this user. */
  missing(topics: readonly string[]): Promise<readonly string[]>;
}

/** As much as is worth a turn of its own, however long somebody would wait. */
const PATIENT_BYTES = 65_536;
const REACH_MS_MAX = 3_000;
const CREATED_MS_MAX = 10_000;
/** Ages that are asked for, oldest first: the age of a record is only known by where a time lies in its partition. */
const AGES_MS = [86_400_000, 21_600_000, 3_600_000, 600_000, 60_000, 10_000, 1_000];

/** kafkajs's own waiting ends with an error when a broker has not heard of a new topic yet. */
async function untilKnown(admin: KafkaClientAdmin, topics: readonly string[]): Promise<void> {
  const end = Date.now() + CREATED_MS_MAX;
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: [...topics] });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The bus on Kafka or Redpanda, by kafkajs. Its traps, and what stands against each, are in docs/kafkajs.md. */
export function kafkaBus(options: KafkaBusOptions): KafkaBus {
  readEveryCodec();
  const { brokers, sasl, ssl } = options.connection;
  const kafka = new Kafka({
    brokers,
    // Its types tie the mechanism to the shape of its own options; all of ours have the same.
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism as "plain" } }),
    ...(ssl === undefined ? {} : { ssl }),
    clientId: options.name,
    connectionTimeout: 5_000,
    requestTimeout: 10_000,
    // Always set: kafkajs has other defaults when NODE_ENV is `test`.
    retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 },
    // What matters is reported through events and errors.
    logLevel: logLevel.NOTHING,
  });
  return busOn(kafka, options);
}

/** The bus on a client that is there already. */
export function busOn(kafka: KafkaClient, options: Omit<KafkaBusOptions, "connection">): KafkaBus {
  const producer = new KafkaProducer(kafka);
  const subscriptions = new Set<Subscription>();
  let administration: Promise<KafkaClientAdmin> | undefined;

  /** One connection for questions, made at the first; a failed one is not kept. */
  async function asking<T>(ask: (admin: KafkaClientAdmin) => Promise<T>): Promise<T> {
    administration ??= (async () => {
      const admin = kafka.admin();
      await admin.connect();
      return admin;
    })();
    try {
      return await ask(await administration);
    } catch (cause) {
      const failed = administration;
      administration = undefined;
      await failed.then((admin) => admin.disconnect()).catch(() => undefined);
      throw new TransientError("bus_unavailable", "the broker did not answer", { cause });
    }
  }

  const committedOf = async (
    admin: KafkaClientAdmin,
    group: string,
    topics: readonly string[],
  ): Promise<Map<string, number>> =>
    new Map(
      (await admin.fetchOffsets({ groupId: group, topics: [...topics] })).flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
      ),
    );

  const positions = (group: string, topics: readonly string[]): Promise<readonly Position[]> =>
    asking(async (admin) => {
      const committed = await committedOf(admin, group, topics);
      const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
      return ends.flatMap((partitions, index) =>
        partitions.map(({ partition, low, high }) => {
          const topic = topics[index] ?? "";
          const at = committed.get(`${topic}/${partition}`) ?? -1;
          return { topic, partition, committed: Math.max(at, Number(low)), end: Number(high) };
        }),
      );
    });

  const behind = async (group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>> =>
    new Map(
      (await positions(group, topics)).map(
        ({ committed, end, partition, topic }) => [`${topic}/${partition}`, end - committed] as const,
      ),
    );

  const missing = async (topics: readonly string[]): Promise<readonly string[]> => {
    const there = new Set(await asking((admin) => admin.listTopics()));
    return topics.filter((topic) => !there.has(topic));
  };

  return {
    missing,

    async ensureTopics(topics) {
      const names = await missing(topics.map(({ name }) => name));
      if (names.length === 0) return;
      await asking(async (admin) => {
        await admin.createTopics({
          topics: topics
            .filter(({ name }) => names.includes(name))
            .map(({ name, partitions }) => ({ topic: name, numPartitions: partitions })),
          waitForLeaders: false,
        });
        await untilKnown(admin, names);
      });
    },

    send: (records) => (records.length === 0 ? Promise.resolve() : producer.send(records)),

    async subscribe(subscription) {
      const consumer = kafka.consumer({
        groupId: subscription.group,
        sessionTimeout: 10_000,
        heartbeatInterval: 2_000,
        rebalanceTimeout: 30_000,
        maxBytesPerPartition: 262_144,
        maxBytes: 2_097_152,
        ...(subscription.patienceMs === undefined
          ? { maxWaitTimeInMs: 500, minBytes: 1 }
          : { maxWaitTimeInMs: subscription.patienceMs, minBytes: PATIENT_BYTES }),
        allowAutoTopicCreation: false,
        metadataMaxAge: 60_000,
        retry: { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 },
      });
      const live = await subscribeToKafka(
        { consumer, lingerMs: options.lingerMs, behind, onTrouble: options.onTrouble },
        subscription,
      ).catch(async (error: unknown) => {
        await consumer.disconnect().catch(() => undefined);
        throw error;
      });
      const kept: Subscription = {
        ...live,
        stop: () => live.stop().finally(() => subscriptions.delete(kept)),
      };
      subscriptions.add(kept);
      return kept;
    },

    read: (request: ReadOptions) => readKafka(kafka, `${options.name}.read.${newId()}`, request, (ask) => asking(ask)),

    positions,

    async lag(group, topics) {
      const waiting = await behind(group, topics);
      const lag = new Map<string, { records: number; oldestMs: number }>();
      for (const topic of topics) {
        const records = [...waiting].reduce(
          (sum, [place, count]) => (place.slice(0, place.lastIndexOf("/")) === topic ? sum + count : sum),
          0,
        );
        lag.set(topic, { records, oldestMs: records === 0 ? 0 : await oldestMs(group, topic) });
      }
      return lag;
    },

    async reachable() {
      const asked = asking((admin) => admin.describeCluster()).then(
        () => true,
        () => false,
      );
      return await Promise.race([
        asked,
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), REACH_MS_MAX).unref()),
      ]);
    },

    async close() {
      await Promise.all([...subscriptions].map((one) => one.stop()));
      await producer.close();
      await administration?.then((admin) => admin.disconnect()).catch(() => undefined);
    },
  };

  /** At least this old is the oldest record that waits. */
  async function oldestMs(group: string, topic: string): Promise<number> {
    return await asking(async (admin) => {
      const committed = await committedOf(admin, group, [topic]);
      for (const age of AGES_MS) {
        const then = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - age);
        // A record that waits and lies before the first one younger than this age is older.
        if (
          then.some(
            ({ partition, offset }) => Number(offset) > Math.max(committed.get(`${topic}/${partition}`) ?? 0, 0),
          )
        )
          return age;
      }
      return 0;
    });
  }
}
