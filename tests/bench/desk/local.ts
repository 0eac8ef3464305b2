import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { contractOf, topicCatalogue } from "@opsdesk/schemas";
import type { Admin } from "kafkajs";
import { kafkaClient } from "../../faults/duplicator.ts";
import { isOk } from "../../stack/service-process.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import { cpuMsOfTree, rssMbOf } from "../cpu.ts";
import type { Counts, Desk, DeskOptions } from "./desk.ts";
import { SOURCE, enquiryOf } from "./desk.ts";
import { profilingOptions } from "../profiling.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const DISPOSED = ["ai.draft.review_required", "ai.draft.auto_approved"];
const REST_MS_MAX = 600_000;
const CALM = 3;

export interface LocalDesk extends Desk {
  readonly stack: Stack;
}

export interface LocalDeskOptions extends DeskOptions {
  /** Of a desk that was stopped and goes on in its folder: where its webhooks go. */
  readonly receiverPort?: number;
  /** It has its business already. */
  readonly goesOn?: boolean;
}

/** Every service a process of its own, on the real servers; enquiries come, and dispositions go, by topic. */
export async function openLocalDesk({
  folder,
  goesOn,
  onDone,
  profileTo,
  receiverPort,
  say,
}: LocalDeskOptions): Promise<LocalDesk> {
  let receiver: Receiver | undefined;
  const stack = await startStack({
    folder,
    say,
    ownServers: true,
    environment: {
      LOG_LEVEL: "warn",
      ...(profileTo === undefined ? {} : { NODE_OPTIONS: profilingOptions(profileTo).join(" ") }),
    },
    async receiver() {
      receiver = await startReceiver(() => undefined, receiverPort);
      return receiver.address;
    },
  });
  if (goesOn !== true) {
    const apiKey = await createBusiness(stack.installation);
    await applySampleDesk(client(stack.gateway.url, apiKey), receiver?.url ?? "", say);
  }

  const kafka = kafkaClient(stack.kafka);
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 50 });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), consumer.connect(), admin.connect()]);
  await consumer.subscribe({ topics: DISPOSED.map(topicOf), fromBeginning: false });
  const joined = new Promise<void>((resolve) => consumer.on("consumer.group_join", () => resolve()));
  await consumer.run({
    eachBatch: ({ batch }) => {
      for (const { value } of batch.messages) {
        const event = JSON.parse(value?.toString("utf8") ?? "") as { data: { externalId: string | null } };
        if (event.data.externalId !== null) onDone(event.data.externalId);
      }
      return Promise.resolve();
    },
  });
  await joined;

  const { kafka: broker, neo4j, opensearch, postgres } = stack.servers;
  const processes = (): readonly (readonly [string, number | undefined])[] => [
    ...[...stack.services].map(([name, { pid }]) => [name, pid] as const),
    ["Postgres", postgres.pid],
    ["broker", broker.pid],
    ["OpenSearch", opensearch.pid],
    ["Neo4j", neo4j.pid],
  ];
  const figures = (of: (pid: number | undefined) => number | undefined) =>
    Object.fromEntries(processes().map(([name, pid]) => [name, of(pid) ?? 0]));

  return {
    stack,
    async submit(tickets) {
      await producer.send({
        topic: topicOf("enquiry.submitted"),
        acks: -1,
        messages: tickets.map((ticket) => ({
          key: ticket.id,
          value: JSON.stringify({
            specversion: "1.0",
            id: ticket.id,
            source: SOURCE,
            type: "enquiry.submitted",
            data: enquiryOf(ticket),
          }),
          headers: { "content-type": "application/cloudevents+json" },
        })),
      });
    },
    pids: () => Object.fromEntries(processes()),
    cpuMs: () => figures(cpuMsOfTree),
    memoryMb: () => figures(rssMbOf),
    counts: () => countsOf(admin),
    async rest() {
      const end = Date.now() + REST_MS_MAX;
      for (let calm = 0; calm < CALM;) {
        const idle = await Promise.all([...stack.services.values()].map(({ url }) => isOk(`${url}/idlez`)));
        calm = idle.every(Boolean) && (await lagOf(admin)) === 0 ? calm + 1 : 0;
        if (Date.now() > end) throw new Error(`the desk did not come to rest within ${REST_MS_MAX / 1_000} s`);
        await sleep(100);
      }
    },
    async stop() {
      await Promise.all([producer.disconnect(), consumer.disconnect(), admin.disconnect()]);
      await stack.stop();
      receiver?.stop();
    },
  };
}

const topicOf = (type: string): string => {
  const topic = contractOf(type)?.topic;
  if (topic === undefined) throw new TypeError(`no contract of ${type}`);
  return topic;
};

interface Position {
  readonly high: number;
  readonly committed: number;
}

/** Of every service's groups, partition by partition. */
async function positions(admin: Admin): Promise<readonly Position[]> {
  const ends = await endsOf(admin);
  const { groups } = await admin.listGroups();
  const own = groups.filter(({ groupId }) => groupId.startsWith("opsdesk."));
  const read = await Promise.all(own.map(({ groupId }) => admin.fetchOffsets({ groupId })));
  return read.flat().flatMap(({ topic, partitions }) =>
    partitions.map(({ offset, partition }) => ({
      high: ends.get(`${topic}/${partition}`) ?? 0,
      // A partition that held nothing when the group came has no offset.
      committed: Math.max(0, Number(offset)),
    })),
  );
}

async function endsOf(admin: Admin): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  await Promise.all(
    topicCatalogue.map(async ({ name }) => {
      for (const { high, partition } of await admin.fetchTopicOffsets(name))
        ends.set(`${name}/${partition}`, Number(high));
    }),
  );
  return ends;
}

const lagOf = async (admin: Admin): Promise<number> =>
  (await positions(admin)).reduce((sum, { committed, high }) => sum + Math.max(0, high - committed), 0);

async function countsOf(admin: Admin): Promise<Counts> {
  const ends = await endsOf(admin);
  return {
    events: [...ends.values()].reduce((sum, end) => sum + end, 0),
    deliveries: (await positions(admin)).reduce((sum, { committed }) => sum + committed, 0),
  };
}
