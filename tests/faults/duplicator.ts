import { randomUUID } from "node:crypto";
import type { KafkaConnection } from "@opsdesk/messaging/kafka-connection";
import { topicCatalogue } from "@opsdesk/schemas";
import { Kafka, type Message, logLevel } from "kafkajs";

/** kafkajs as anyone outside would set it up. */
export const kafkaClient = ({ brokers, sasl }: KafkaConnection): Kafka =>
  new Kafka({
    brokers,
    // Its types tie the mechanism to the shape of its own options; all have the same.
    ...(sasl === undefined ? {} : { sasl: { ...sasl, mechanism: sasl.mechanism as "plain" } }),
    logLevel: logLevel.NOTHING,
  });

const MARK = "duplicated";

/**
 * Publishes every new record a second time, some moments later, as a producer that retries without idempotence would.
 * `stop` answers how many.
 */
export async function duplicateEverything(connection: KafkaConnection): Promise<{ stop(): Promise<number> }> {
  const kafka = kafkaClient(connection);
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: `duplicator-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: topicCatalogue.map(({ name }) => name), fromBeginning: false });
  let count = 0;
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const messages = batch.messages.flatMap((message): Message[] =>
        message.headers?.[MARK] === undefined
          ? [{ key: message.key, value: message.value, headers: { ...message.headers, [MARK]: "1" } }]
          : [],
      );
      if (messages.length === 0) return;
      await producer.send({ topic: batch.topic, acks: -1, messages });
      count += messages.length;
    },
  });
  return {
    async stop() {
      await consumer.disconnect();
      await producer.disconnect();
      return count;
    },
  };
}
