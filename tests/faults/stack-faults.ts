import { setTimeout as sleep } from "node:timers/promises";
import { topicCatalogue } from "@opsdesk/schemas";
import type { Server } from "@opsdesk/servers";
import { duplicateEverything, kafkaClient } from "./duplicator.ts";
import { fillDisk } from "./full-disk.ts";
import { UNREADABLE } from "./judge.ts";
import { modelFails, modelHangs } from "./model-faults.ts";
import { untilTaken } from "./patience.ts";
import { type Arrival, analysed, answeredBy, evaluated, toldToCrm } from "./stack-recovery.ts";
import { type Fault, type World, serviceOf } from "./stack-world.ts";

const MINUTE_MS = 60_000;
const AI = ["triage", "retrieval", "safety-gate", "evaluation"] as const;
/** Longer than a session of a consumer group: its partitions go to others, and it comes back as a stranger. */
const FROZEN_MS = 14_000;
/** Longer than a send is waited for: then what is written is left to the relay. */
const BROKER_AWAY_MS = 25_000;
/** Until services have found the broker again and published what waited for it. */
const AFTERWARDS_MS = 8_000;

/** So many enquiries come while a service stands still: it is killed while it catches up, with much in hand. */
const BURST = 150;
const BURST_MS = 3_000;
const CATCHING_UP_MS = 700;

/** What a service does beside the way from enquiry to disposition. */
const ARRIVES: Readonly<Record<string, readonly Arrival[]>> = {
  webhook: [toldToCrm],
  evaluation: [evaluated],
  analytics: [analysed],
};

const killService = (name: string): Fault => ({
  name: `SIGKILL of ${name}`,
  arrives: ARRIVES[name] ?? [],
  async strike(world) {
    const service = serviceOf(world, name);
    const burst = Array.from({ length: BURST }, () => world.submit());
    if (service.pid !== undefined) process.kill(service.pid, "SIGSTOP");
    await sleep(BURST_MS);
    if (service.pid !== undefined) process.kill(service.pid, "SIGCONT");
    await sleep(100 + world.random() * CATCHING_UP_MS);
    await service.kill();
    await sleep(world.random() * 2_000);
    await service.start();
    await Promise.all(burst);
  },
});

const restart = (
  name: string,
  server: (world: World) => Server,
  downMs: number,
  arrives: readonly Arrival[] = [],
): Fault => ({
  name,
  arrives,
  async strike(world) {
    await server(world).kill();
    await sleep(downMs);
    await server(world).start();
  },
});

const crmIs = (manner: "failing" | "slow" | "dripping", ms: number): Fault => ({
  name: `CRM endpoint ${manner}`,
  arrives: [toldToCrm],
  async strike({ crm }) {
    crm.manner = manner;
    await sleep(ms);
    crm.manner = "well";
  },
});

const freeze = (name: string): Fault => ({
  name: `${name} stands still for ${FROZEN_MS / 1_000} s while the others go on`,
  async strike(world) {
    const { pid } = serviceOf(world, name);
    if (pid === undefined) return;
    process.kill(pid, "SIGSTOP");
    await sleep(FROZEN_MS);
    process.kill(pid, "SIGCONT");
  },
});

const rollingRestart: Fault = {
  name: "SIGTERM rolling restart of everything",
  async strike(world) {
    for (const service of world.stack.services.values()) {
      const code = await service.stop();
      if (code !== 0) world.violation(`${service.name} ended with ${code} when it was asked to stop`);
      await service.start();
    }
  },
};

const replicas: Fault = {
  name: "replicas of triage 1, 3, 1",
  async strike(world) {
    const more = await Promise.all([2, 3].map((number) => world.replica("triage", number)));
    await sleep(8_000);
    for (const one of more) {
      const code = await one.stop();
      if (code !== 0) world.violation(`a replica of triage ended with ${code} when it was asked to stop`);
    }
  },
};

/** Assigns a new ticket, notes, rings and reads it: none of it needs a model. */
async function workOn(world: World): Promise<void> {
  const { reference } = await world.submit();
  const say = (command: Record<string, unknown>) =>
    untilTaken(() =>
      world.desk.send(
        "POST",
        `/v1/tickets/${reference}/commands`,
        { actorId: "priya", command },
        `people:${reference}:${String(command["type"])}`,
      ),
    );
  await say({ type: "assign", assigneeId: "priya" });
  await say({ type: "note", text: "Answered by hand: the assistant is away." });
  await say({ type: "set_priority", priority: "high" });
  await say({ type: "log_contact", channel: "phone", reached: true, said: "Rang them." });
  const ticket = await untilTaken(() => world.desk.get<{ status: string }>(`/v1/tickets/${reference}`));
  if (ticket.status === undefined) world.violation(`${reference} cannot be read`);
}

const withoutAi: Fault = {
  name: "triage, retrieval, safety-gate and evaluation all stopped while people go on working",
  async strike(world) {
    await Promise.all(AI.map((name) => serviceOf(world, name).stop()));
    try {
      for (let n = 0; n < 10; n += 1) await workOn(world);
    } catch (error) {
      world.violation(`people could not work without the AI services: ${String(error)}`);
    }
    await Promise.all(AI.map((name) => serviceOf(world, name).start()));
  },
};

/** What people do meanwhile waits in the outbox, several events a ticket, and they go on while it is published. */
const withoutBroker: Fault = {
  name: "broker SIGKILL and restart",
  async strike(world) {
    const { kafka } = world.stack.servers;
    const over = new AbortController();
    const person = async (): Promise<void> => {
      while (!over.signal.aborted) await workOn(world);
    };
    await kafka.kill();
    const people = Promise.all(Array.from({ length: 8 }, person));
    people.catch(() => undefined);
    await sleep(BROKER_AWAY_MS);
    await kafka.start();
    await sleep(AFTERWARDS_MS);
    over.abort();
    await people;
  },
};

const everythingTwice: Fault = {
  name: "every message delivered twice",
  async strike({ stack, say }) {
    const duplicator = await duplicateEverything(stack.kafka);
    await sleep(15_000);
    say(`  ${await duplicator.stop()} records were published a second time`);
  },
};

const unreadable: Fault = {
  name: "an unreadable record in every topic",
  async strike({ parks, stack }) {
    const kafka = kafkaClient(stack.kafka);
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.sendBatch({
      acks: -1,
      topicMessages: topicCatalogue.map(({ name }) => ({
        topic: name,
        messages: [{ key: "unreadable", value: Buffer.from([0xff, 0xfe, 0x00, 0x7b]) }],
      })),
    });
    await producer.disconnect();
    parks(UNREADABLE);
  },
};

const fullDisk: Fault = {
  name: "a full disk for the blob store",
  needsSmallDisk: true,
  async strike(world) {
    const disk = await fillDisk(world.stack.blobFolder);
    const long = Array.from({ length: 3 }, (_, n) =>
      world.submit({ text: `Our log of the failure, part ${n + 1}. ${"The line drops again. ".repeat(5_000)}` }),
    );
    await sleep(5_000);
    await disk.free();
    await Promise.all(long);
  },
};

/** Every fault, each of which a flow meets once. */
export const stackFaults: readonly Fault[] = [
  ...["ingest", "triage", "retrieval", "safety-gate", "webhook", "evaluation", "console", "analytics"].map(killService),
  withoutBroker,
  restart("Postgres SIGKILL and restart", ({ stack }) => stack.servers.postgres, 3_000),
  restart("OpenSearch down for a minute", ({ stack }) => stack.servers.opensearch, MINUTE_MS, [
    analysed,
    answeredBy("opensearch"),
  ]),
  restart("Neo4j down for a minute", ({ stack }) => stack.servers.neo4j, MINUTE_MS, [answeredBy("neo4j")]),
  crmIs("failing", 4_000),
  crmIs("slow", 8_000),
  crmIs("dripping", 8_000),
  modelHangs,
  modelFails,
  everythingTwice,
  freeze("triage"),
  freeze("ingest"),
  replicas,
  rollingRestart,
  withoutAi,
  fullDisk,
  unreadable,
];
