import { randomUUID } from "node:crypto";
import { topicCatalogue } from "@opsdesk/schemas";
import { Kafka, type Message, logLevel } from "kafkajs";

const MARK = "duplicated";

/**
 * Publishes every new record a second time, some moments later, as a producer that retries without idempotence would.
 * `stop` answers how many.
 */
export async function duplicateEverything(brokers: readonly string[]): Promise<{ stop(): Promise<number> }> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
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
