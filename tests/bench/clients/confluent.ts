import { createRequire } from "node:module";
import type { KafkaClient, KafkaClientConsumer } from "@opsdesk/messaging/kafka-client";
import type { ConsumerConfig, EachBatchPayload } from "kafkajs";
import { ConsumerEvents } from "./events.ts";

/** What is used here of `@confluentinc/kafka-javascript`, which follows kafkajs but for settings and events. */
interface Confluent {
  readonly KafkaJS: {
    readonly Kafka: new (config: object) => {
      producer(config: object): ReturnType<KafkaClient["producer"]>;
      consumer(config: object): ConfluentConsumer;
      admin(): ReturnType<KafkaClient["admin"]>;
    };
  };
}
type ConfluentConsumer = Omit<KafkaClientConsumer, "events" | "on" | "run"> & {
  run(config: { eachBatch: unknown; eachBatchAutoResolve: boolean; partitionsConsumedConcurrently: number }): unknown;
  assignment(): readonly { topic: string; partition: number }[];
};

const ASSIGN = -175;

/** librdkafka in the words of kafkajs. `folder` holds `node_modules` with the package, built. */
export function confluentClient(folder: string, brokers: readonly string[], clientId: string): KafkaClient {
  const { KafkaJS } = createRequire(`${folder}/package.json`)("@confluentinc/kafka-javascript") as Confluent;
  const kafka = new KafkaJS.Kafka({
    kafkaJS: { brokers: [...brokers], clientId, connectionTimeout: 5_000, requestTimeout: 10_000, logLevel: 0 },
  });
  return {
    producer() {
      const producer = kafka.producer({
        kafkaJS: { idempotent: true, acks: -1, maxInFlightRequests: 1, allowAutoTopicCreation: false },
        "linger.ms": 0,
        partitioner: "murmur2_random",
        "message.timeout.ms": 20_000,
      });
      return {
        connect: () => producer.connect(),
        disconnect: () => producer.disconnect(),
        // What else kafkajs takes with a batch is a setting of the producer here.
        sendBatch: ({ topicMessages = [] }) => producer.sendBatch({ topicMessages }),
      };
    },
    consumer: (config) => consumerOf(kafka, config),
    admin() {
      const admin = kafka.admin();
      return {
        connect: () => admin.connect(),
        disconnect: () => admin.disconnect(),
        listTopics: () => admin.listTopics(),
        createTopics: ({ topics }) => admin.createTopics({ topics }),
        fetchTopicMetadata: (options) => admin.fetchTopicMetadata(options),
        fetchOffsets: (options) => admin.fetchOffsets(options),
        fetchTopicOffsets: (topic) => admin.fetchTopicOffsets(topic),
        async fetchTopicOffsetsByTimestamp(topic, timestamp) {
          const ends = await admin.fetchTopicOffsets(topic);
          const found = await admin.fetchTopicOffsetsByTimestamp(topic, timestamp);
          return found.map(({ partition, offset }) => ({
            partition,
            offset: Number(offset) < 0 ? (ends.find((end) => end.partition === partition)?.high ?? "0") : offset,
          }));
        },
        // It has no such question: whoever lists topics has reached a broker.
        describeCluster: async () => ({ brokers: [], controller: null, clusterId: String(await admin.listTopics()) }),
      };
    },
  };
}

function consumerOf(kafka: InstanceType<Confluent["KafkaJS"]["Kafka"]>, config: ConsumerConfig): KafkaClientConsumer {
  const events = new ConsumerEvents();
  let consumer: ConfluentConsumer | undefined;
  const open = (): ConfluentConsumer => {
    if (consumer === undefined) throw new TypeError("subscribe comes first");
    return consumer;
  };
  return {
    ...events.members,
    connect: async () => undefined,
    async subscribe(subscription) {
      const fromBeginning = subscription.fromBeginning ?? false;
      consumer = kafka.consumer({
        kafkaJS: {
          groupId: config.groupId,
          sessionTimeout: config.sessionTimeout,
          heartbeatInterval: config.heartbeatInterval ?? 3_000,
          maxBytesPerPartition: config.maxBytesPerPartition,
          maxWaitTimeInMs: config.maxWaitTimeInMs,
          minBytes: config.minBytes ?? 1,
          allowAutoTopicCreation: false,
          autoCommit: false,
          fromBeginning,
        },
        "js.consumer.max.batch.size": -1,
        rebalance_cb: (change: { code: number }, assignment: readonly { topic: string; partition: number }[]) => {
          if (change.code !== ASSIGN) return events.emit("REBALANCING");
          events.emit("GROUP_JOIN", { memberAssignment: byTopic(assignment) });
        },
      });
      await consumer.connect();
      if ("topics" in subscription) await consumer.subscribe({ topics: subscription.topics });
    },
    async run({ eachBatch } = {}) {
      await open().run({
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 3,
        eachBatch: async (payload: EachBatchPayload) => {
          await eachBatch?.(payload);
          events.emit("FETCH");
        },
      });
    },
    commitOffsets: (offsets) => open().commitOffsets(offsets),
    pause: (topics) => open().pause(topics),
    resume: (topics) => open().resume(topics),
    seek: (place) => open().seek(place),
    disconnect: async () => {
      await consumer?.disconnect();
    },
  };
}

/** By topic, as kafkajs tells of an assignment. */
function byTopic(places: readonly { readonly topic: string; readonly partition: number }[]) {
  const topics: Record<string, number[]> = {};
  for (const { topic, partition } of places) (topics[topic] ??= []).push(partition);
  return topics;
}
