import type { Admin, Consumer, ConsumerConfig, Producer, ProducerConfig } from "kafkajs";

/** What the bus asks of a Kafka client, in the words of kafkajs: whatever answers to the same may stand in its place. */
export interface KafkaClient {
  producer(config: ProducerConfig): KafkaClientProducer;
  consumer(config: ConsumerConfig): KafkaClientConsumer;
  admin(): KafkaClientAdmin;
}

export type KafkaClientProducer = Pick<Producer, "connect" | "disconnect" | "sendBatch">;

export type KafkaClientConsumer = Pick<
  Consumer,
  "commitOffsets" | "connect" | "disconnect" | "events" | "on" | "pause" | "resume" | "run" | "seek" | "subscribe"
>;

export type KafkaClientAdmin = Pick<
  Admin,
  | "connect"
  | "createTopics"
  | "describeCluster"
  | "disconnect"
  | "fetchOffsets"
  | "fetchTopicMetadata"
  | "fetchTopicOffsets"
  | "fetchTopicOffsetsByTimestamp"
  | "listTopics"
>;
