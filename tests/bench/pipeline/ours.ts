import { identifier, sql } from "@opsdesk/database";
import { openPostgres } from "@opsdesk/database/postgres";
import { pgBossJobs, prepareJobsSchema } from "@opsdesk/jobs/pg-boss";
import {
  type AnyHandler,
  type AnyJobStep,
  type NewEvent,
  type Runtime,
  createRuntime,
  done,
  handler,
  job,
  messagingMigration,
  retentionMigration,
  silentObserver,
  systemClock,
} from "@opsdesk/messaging";
import type { Bus, OutgoingRecord } from "@opsdesk/messaging/bus";
import { type EventType, contractOf } from "@opsdesk/schemas";
import kafkajs, { Kafka, logLevel } from "kafkajs";
import { CLIENTS, type MakeBus } from "../clients/clients.ts";
import { CHAIN, eventOf, ticketOf } from "./chain.ts";
import { PARTITIONS, type Pipeline, type Place, STEPS, type System, type Ticket } from "./system.ts";

const LINGER_MS = 3;
/** The steps whose work is a job, where there are any. */
const JOB_STEPS = [2, 3, 4];

/** Kafka's own default: the largest number of records there is. */
const NEVER = String(2n ** 63n - 1n);

const schemaOf = (step: number): string => `step_${step}`;
const topicOf = (type: EventType): string => {
  const contract = contractOf(type);
  if (contract === undefined) throw new TypeError(`no contract of ${type}`);
  return contract.topic;
};

interface Variant {
  /** The steps whose work is a job. */
  readonly jobSteps?: readonly number[];
  /** The broker puts every batch of records on disk before it acknowledges it, as if no other broker had it. */
  readonly onDisk?: boolean;
  readonly makeBus?: MakeBus;
}

/** Our messaging as services use it: a runtime a service, each with its own slice, pool and producer, in one process. */
const ours = (title: string, { jobSteps = [], makeBus = CLIENTS.kafkajs, onDisk = false }: Variant = {}): System => ({
  title,
  settings: [
    "as services run it: one runtime a step, each with its own slice, connection pool and producer, all in one process",
    `six partitions a topic, batches of at most 200, ${LINGER_MS} ms linger while busy, acks of all replicas`,
    ...(jobSteps.length === 0 ? [] : [`steps ${jobSteps.join(", ")} are pg-boss jobs, run from memory after commit`]),
    ...(onDisk
      ? ["flush.messages=1 on every topic, which Kafka's own advice is against where records are replicated"]
      : []),
  ],
  effects: STEPS.map(
    (step) =>
      `select ${step} as step, count(*)::int as n, count(distinct ticket)::int as d from ${schemaOf(step)}.effects`,
  ).join(" union all "),
  open: (place) =>
    openPipeline(place, { jobSteps, onDisk }, (name) =>
      makeBus(place.brokers, { name, lingerMs: LINGER_MS, onTrouble: () => undefined }),
    ),
});

export const plain = ours("OpsDesk");
export const withJobs = ours("OpsDesk, three of the steps as jobs", { jobSteps: JOB_STEPS });
export const plainOnDisk = ours("OpsDesk, every record on disk at once", { onDisk: true });

/** The same on the Kafka clients that are not ours, by the name of their package. */
export const onOtherClients: Readonly<Record<string, System>> = Object.fromEntries(
  Object.entries(CLIENTS)
    .filter(([name]) => name !== "kafkajs")
    .flatMap(([name, makeBus]) => [
      [`ours on ${name}`, ours(`OpsDesk on ${name}`, { makeBus })],
      [
        `ours-jobs on ${name}`,
        ours(`OpsDesk on ${name}, three of the steps as jobs`, { jobSteps: JOB_STEPS, makeBus }),
      ],
    ]),
);

async function openPipeline(
  place: Place,
  { jobSteps, onDisk }: Required<Omit<Variant, "makeBus">>,
  makeBus: (name: string) => Bus,
): Promise<Pipeline> {
  await prepare(place.databaseUrl);
  const bus = makeBus("bench.driver");
  await bus.ensureTopics(CHAIN.map((type) => ({ name: topicOf(type), partitions: PARTITIONS })));
  await flushEach(place.brokers, onDisk);
  const closing: (() => Promise<void>)[] = [() => bus.close()];
  const runtimes: Runtime[] = [];

  return {
    submit: (tickets) => bus.send(tickets.map(enquiryOf)),
    async run() {
      await bus.subscribe({
        group: "bench.driver",
        topics: [topicOf(CHAIN[STEPS.length])],
        from: "earliest",
        recordsMax: 1_000,
        onBatch: (batch) => {
          for (const { key } of batch.records) if (key !== null) place.onDone(key);
          batch.commit((batch.records.at(-1)?.offset ?? -1) + 1);
          return Promise.resolve();
        },
        onStopped: () => undefined,
      });
      await Promise.all(
        STEPS.map(async (step) => {
          const schema = schemaOf(step);
          const database = openPostgres({ url: place.databaseUrl, name: schema });
          const own = makeBus(schema);
          const runtime = createRuntime({
            service: schema,
            schema,
            database,
            bus: own,
            jobs: pgBossJobs({ owner: undefined, app: database, schema: `${schema}_jobs`, onError: () => undefined }),
            clock: systemClock,
            observer: silentObserver,
            defaultTenant: undefined,
            alone: false,
            lingerMs: LINGER_MS,
          });
          runtimes.push(runtime);
          closing.push(
            () => own.close(),
            () => database.close(),
          );
          const { handlers, jobs } = partsOf(step, jobSteps.includes(step));
          await runtime.start(handlers, jobs);
        }),
      );
    },
    async stop() {
      await Promise.all(runtimes.map((runtime) => runtime.stop()));
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** The topics are those of every variant, so it is said each time. */
async function flushEach(brokers: readonly string[], onDisk: boolean): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.alterConfigs({
      validateOnly: false,
      resources: CHAIN.map((type) => ({
        // Node does not find this name in a CommonJS module by itself.
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topicOf(type),
        configEntries: [{ name: "flush.messages", value: onDisk ? "1" : NEVER }],
      })),
    });
  } finally {
    await admin.disconnect();
  }
}

/** As `opsdesk migrate` does, without roles. */
async function prepare(url: string): Promise<void> {
  const database = openPostgres({ url, name: "bench.migrate" });
  try {
    for (const step of STEPS) {
      const schema = schemaOf(step);
      const [there] = await database.query<{ there: boolean }>(
        sql`select to_regclass(${`${schema}.effects`}) is not null as there`,
      );
      if (there?.there === true) continue;
      await database.execute(`create schema ${schema}; create schema ${schema}_jobs`);
      await prepareJobsSchema(database, `${schema}_jobs`);
      await database.execute(
        `${messagingMigration(schema)}; ${retentionMigration(schema)}; create table ${schema}.effects (ticket text primary key, body text not null)`,
      );
    }
  } finally {
    await database.close();
  }
}

/** A step: one idempotent write, and the next step's event. */
function partsOf(step: number, asJob: boolean): { handlers: Record<string, AnyHandler>; jobs: readonly AnyJobStep[] } {
  const schema = schemaOf(step);
  const [type, next] = [CHAIN[step - 1], CHAIN[step]];
  if (type === undefined || next === undefined) throw new TypeError(`no step ${step}`);
  const onward = ({ id, text }: Ticket): NewEvent => ({ type: next, key: id, data: eventOf(next, { id, text }) });
  const save = (rows: readonly Ticket[]) => ({
    writes: [
      sql`insert into ${identifier(schema)}.effects (ticket, body)
          select * from unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ text }) => text)}::text[]) on conflict do nothing`,
    ],
  });
  const queue = `step.${step}`;
  const work = handler<EventType, undefined, Ticket>(type, {
    decide: (event) => {
      const ticket = ticketOf(type, event.data);
      return asJob
        ? done({ jobs: [{ queue, key: ticket.id, data: ticket }] })
        : done({ rows: ticket, events: [onward(ticket)] });
    },
    save,
  });
  if (!asJob) return { handlers: { work }, jobs: [] };
  return {
    handlers: { work },
    jobs: [
      job<Ticket, undefined, Ticket>(queue, {
        run: ({ data }) => done({ rows: data, events: [onward(data)] }),
        save,
        exhausted: (_, error) => {
          throw error;
        },
        retry: { limit: 3, delaySeconds: 1, delaySecondsMax: 10, timeoutSeconds: 30 },
        concurrency: 200,
      }),
    ],
  };
}

/** As an upstream system publishes it. */
const enquiryOf = (ticket: Ticket): OutgoingRecord => ({
  topic: topicOf(CHAIN[0]),
  key: ticket.id,
  headers: { ce_id: ticket.id, ce_type: CHAIN[0] },
  value: JSON.stringify({
    specversion: "1.0",
    id: ticket.id,
    source: "/bench",
    type: CHAIN[0],
    schemaversion: contractOf(CHAIN[0])?.schemaVersion,
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    correlationid: ticket.id,
    idempotencykey: ticket.id,
    tenantid: "bench",
    data: eventOf(CHAIN[0], ticket),
  }),
});
