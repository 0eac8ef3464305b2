import { TransientError } from "@opsdesk/errors";
import { type Message, Partitioners, type TopicMessages } from "kafkajs";
import type { OutgoingRecord } from "./bus.ts";
import type { KafkaClient, KafkaClientProducer } from "./kafka-client.ts";

const SEND_MS_MAX = 20_000;
/** Of one partition in one request: all of them become one record batch, and a broker refuses one above 1 MB. */
const PARTITION_BYTES_MAX = 600_000;
const CLOSE_MS_MAX = 3_000;

/**
 * An idempotent producer that sends one request at a time: concurrent ones raise sequence errors. A send that hangs is
 * given up with its producer, since kafkajs may go on using a dead socket for minutes.
 */
export class KafkaProducer {
  readonly #kafka: Pick<KafkaClient, "producer">;
  #producer: Promise<KafkaClientProducer> | undefined;
  #tail: Promise<void> = Promise.resolve();

  constructor(kafka: Pick<KafkaClient, "producer">) {
    this.#kafka = kafka;
  }

  /** Resolves when all in-sync replicas have the records; their order within a key is kept. */
  send(records: readonly OutgoingRecord[]): Promise<void> {
    const sent = this.#tail.then(() => this.#sendParts(records));
    this.#tail = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#drop();
  }

  async #sendParts(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      for (const part of partsOf(records)) await this.#sendOne(part);
    } catch (cause) {
      // Whatever it was: the producer may be half dead, and a new one costs some milliseconds.
      await this.#drop();
      throw new TransientError("bus_unavailable", "the broker did not take the records", { cause });
    }
  }

  async #sendOne(records: readonly OutgoingRecord[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const { topic, key, headers, value } of records) {
      const messages = byTopic.get(topic);
      const message = { key, headers: { ...headers }, value };
      if (messages === undefined) byTopic.set(topic, [message]);
      else messages.push(message);
    }
    const topicMessages: TopicMessages[] = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no acknowledgement in ${SEND_MS_MAX} ms`)), SEND_MS_MAX);
    });
    try {
      const producer = await Promise.race([this.#connected(), late]);
      await Promise.race([producer.sendBatch({ acks: -1, topicMessages }), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #connected(): Promise<KafkaClientProducer> {
    this.#producer ??= (async () => {
      const producer = this.#kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        // The same hash as the Java client and librdkafka's `murmur2_random`: a key lives in one partition for everyone.
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      return producer;
    })();
    return this.#producer;
  }

  async #drop(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    if (producer === undefined) return;
    await Promise.race([
      producer.disconnect().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, CLOSE_MS_MAX).unref()),
    ]);
  }
}

/** By size, without changing the order: which partition a record goes to is not known yet, so a topic counts as one. */
function partsOf(records: readonly OutgoingRecord[]): readonly (readonly OutgoingRecord[])[] {
  const parts: OutgoingRecord[][] = [];
  let bytes = new Map<string, number>();
  let current: OutgoingRecord[] = [];
  for (const record of records) {
    const size = (bytes.get(record.topic) ?? 0) + Buffer.byteLength(record.value) + 200;
    if (current.length > 0 && size > PARTITION_BYTES_MAX) {
      parts.push(current);
      current = [];
      bytes = new Map();
    }
    bytes.set(record.topic, current.length === 0 ? Buffer.byteLength(record.value) + 200 : size);
    current.push(record);
  }
  if (current.length > 0) parts.push(current);
  return parts;
}
