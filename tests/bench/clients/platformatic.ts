import type { KafkaClient, KafkaClientProducer } from "@opsdesk/messaging/kafka-client";
import { type MessageToProduce, Producer, compatibilityPartitioner, stringSerializers } from "@platformatic/kafka";
import { adminOf } from "./platformatic-admin.ts";
import { type Base, RETRY_MS, consumerOf } from "./platformatic-consumer.ts";

/** `@platformatic/kafka` in the words of kafkajs. It fetches by the client's single requests, not by its streams. */
export function platformaticClient(brokers: readonly string[], clientId: string): KafkaClient {
  const base = {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: 5_000,
    timeout: 10_000,
    retries: 5,
    retryDelay: RETRY_MS,
  };
  return {
    producer: () => producerOf(base),
    consumer: (config) => consumerOf(base, config),
    admin: () => adminOf(base),
  };
}

function producerOf(base: Base): KafkaClientProducer {
  const producer = new Producer<string, string, string, string>({
    ...base,
    idempotent: true,
    autocreateTopics: false,
    serializers: stringSerializers,
    // Without a key any partition will do.
    partitioner: (message, key) =>
      key === undefined ? Math.floor(Math.random() * 1_024) : compatibilityPartitioner(message, key),
  });
  return {
    connect: async () => undefined,
    disconnect: () => producer.close(),
    async sendBatch({ topicMessages = [] }) {
      const messages: MessageToProduce<string, string, string, string>[] = [];
      for (const { topic, messages: own } of topicMessages)
        for (const { key, headers, value } of own)
          messages.push({
            topic,
            // The bus gives texts only.
            value: value as string,
            headers: headers as Record<string, string>,
            ...(typeof key === "string" ? { key } : {}),
          });
      await producer.send({ messages });
      return [];
    },
  };
}
