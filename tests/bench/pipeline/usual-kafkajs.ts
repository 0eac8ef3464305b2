import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { PARTITIONS, type Pipeline, type Place, STEPS, type System, type Ticket, effectsCount } from "./system.ts";

const POLL_MS = 100;
const ROWS_MAX = 100;
/** One for each handler and each relay that may be at work. */
const CONNECTIONS = 40;
const topicOf = (step: number): string => `usual.step.${step}`;

/** What most teams write first: a message at a time, an interactive transaction, and an outbox that is polled. */
export const usualKafkajs: System = {
  title: "kafkajs, the usual way",
  settings: [
    "eachMessage; begin, inbox row, effect, outbox row, commit; offsets committed by kafkajs itself (its defaults)",
    `six partitions a topic, all of them consumed at once (partitionsConsumedConcurrently: ${PARTITIONS})`,
    `an outbox a step, polled every ${POLL_MS} ms with FOR UPDATE SKIP LOCKED, at most ${ROWS_MAX} rows a send (microservices.io, "Polling publisher")`,
    "an idempotent producer, acks of all replicas",
  ],
  effects: effectsCount(),
  open,
};

async function open({ brokers, databaseUrl, onDone }: Place): Promise<Pipeline> {
  const kafka = new Kafka({ clientId: "usual", brokers: [...brokers], logLevel: logLevel.NOTHING });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await pool.query(
    STEPS.map(
      (step) => `
        create table if not exists inbox_${step} (id text primary key);
        create table if not exists effects_${step} (ticket text primary key, body text not null);
        create table if not exists outbox_${step} (id bigint generated always as identity primary key, key text not null, value text not null);`,
    ).join(""),
  );
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [...STEPS, 6].map((step) => ({ topic: topicOf(step), numPartitions: PARTITIONS })),
  });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  await producer.connect();
  const stopping = new AbortController();
  const closing: (() => Promise<unknown>)[] = [];

  const consume = async (step: number): Promise<void> => {
    const consumer = kafka.consumer({ groupId: `usual.${step}`, allowAutoTopicCreation: false });
    await consumer.connect();
    await consumer.subscribe({ topics: [topicOf(step)], fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: PARTITIONS,
      eachMessage: async ({ message }) => {
        const value = String(message.value);
        const { id, text } = JSON.parse(value) as Ticket;
        if (step > STEPS.length) return onDone(id);
        const client = await pool.connect();
        try {
          await client.query("begin");
          const claimed = await client.query(
            `insert into inbox_${step} (id) values ($1) on conflict do nothing returning id`,
            [id],
          );
          if (claimed.rowCount === 1) {
            await client.query(`insert into effects_${step} (ticket, body) values ($1, $2) on conflict do nothing`, [
              id,
              text,
            ]);
            await client.query(`insert into outbox_${step} (key, value) values ($1, $2)`, [id, value]);
          }
          await client.query("commit");
        } catch (error) {
          await client.query("rollback");
          throw error;
        } finally {
          client.release();
        }
      },
    });
    closing.push(() => consumer.disconnect());
  };

  const relay = async (step: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      const client = await pool.connect();
      let count = 0;
      try {
        await client.query("begin");
        const { rows } = await client.query<{ id: string; key: string; value: string }>(
          `select id, key, value from outbox_${step} order by id limit ${ROWS_MAX} for update skip locked`,
        );
        count = rows.length;
        if (count > 0) {
          await producer.send({
            topic: topicOf(step + 1),
            acks: -1,
            messages: rows.map(({ key, value }) => ({ key, value })),
          });
          await client.query(`delete from outbox_${step} where id = any($1::bigint[])`, [rows.map(({ id }) => id)]);
        }
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
      if (count < ROWS_MAX) await sleep(POLL_MS);
    }
  };

  return {
    submit: async (tickets) => {
      await producer.send({
        topic: topicOf(1),
        acks: -1,
        messages: tickets.map((ticket) => ({ key: ticket.id, value: JSON.stringify(ticket) })),
      });
    },
    async run() {
      await Promise.all([...STEPS, 6].map(consume));
      const relays = Promise.all(STEPS.map(relay));
      closing.push(() => relays);
    },
    async stop() {
      stopping.abort();
      await Promise.all(closing.map((close) => close()));
      await producer.disconnect();
      await pool.end();
    },
  };
}
