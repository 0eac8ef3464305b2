import { readdir, readFile } from "node:fs/promises";
import {
  type Database,
  type Installation,
  type Migration,
  identifier,
  migrate,
  provision,
  sql,
} from "@opsdesk/database";
import type { Blobs } from "@opsdesk/blobs";
import { pgBossJobs } from "@opsdesk/jobs/pg-boss";
import {
  type Bus,
  type Clock,
  type RecoverReport,
  type Runtime,
  createRuntime,
  messagingMigration,
  operationsMigration,
  retentionMigration,
} from "@opsdesk/messaging";
import type { Logger } from "pino";
import { heldToRow } from "./catalogue-row.ts";
import type { Environment, Parts, Ports, ServiceDefinition } from "./definition.ts";
import { mountOps } from "./ops.ts";
import { mountRebuild } from "./rebuild.ts";
import type { App } from "./http.ts";
import type { Metrics } from "./metrics.ts";
import { mount } from "./server.ts";
import { asRequested } from "./trace-requests.ts";

/** What one service works with, under its own names and rights. */
export interface Connections {
  /** Its slice, as its app role sees it. */
  readonly database: Database;
  /** Makes and migrates its jobs' schema; where a lane gives a service no owner's rights, that has been done before. */
  readonly jobsOwner: Database | undefined;
  readonly bus: Bus;
  /** What its tables need by the clock; absent: nothing, or somebody else does it. */
  readonly upkeep?: () => Promise<unknown>;
}

/** What a lane provides to the services that run in this process. */
export interface Lane {
  /** Called once a service. */
  readonly connect: (definition: ServiceDefinition) => Promise<Connections>;
  /** Whether what all services need answers now. Never throws. */
  readonly reachable: () => Promise<Reachable>;
  /** Topics and slices are there: nothing is asked of the database or the log before. Absent: they were there already. */
  readonly prepared?: Promise<void>;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly environment: Environment;
  readonly defaultTenant: string | undefined;
  /** Tenants whose parties outside have topics of their own on the broker; absent: none. */
  readonly edgeTenants?: readonly string[];
  /** No other process runs these services. */
  readonly alone: boolean;
  /** Slices and log can be restored apart from each other: what comes by HTTP is kept in the log as well. */
  readonly keepsInputs?: boolean;
  /** Nothing is consumed here; restored slices are made up for. */
  readonly recovering?: boolean;
  /** How long busy loops and queues wait for more, in milliseconds. */
  readonly lingerMs: number;
}

export interface Reachable {
  readonly database: boolean;
  readonly bus: boolean;
}

/** A service that has been prepared and can be started and stopped. */
export interface Hosted {
  readonly name: string;
  readonly runtime: Runtime;
  start(): Promise<void>;
  /** Instead of `start`, in a lane that recovers. */
  recover(options: RecoverSliceOptions): Promise<RecoverReport>;
  stop(): Promise<void>;
}

export interface RecoverSliceOptions {
  readonly dryRun: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Makes the slices of all services ready: roles, schemas, migrations. Answers what was applied. */
export async function prepareSlices(
  installation: Installation,
  administrator: Database,
  definitions: readonly ServiceDefinition[],
): Promise<readonly string[]> {
  const applied: string[] = [];
  await provision(administrator, ...definitions.flatMap(({ schema }) => [schema, `${schema}_jobs`]));
  await administrator.execute(definitions.map(({ schema }) => rightsToJobs(schema)).join(""));
  for (const definition of definitions) {
    const names = await migrate(installation, {
      schema: definition.schema,
      migrations: await migrationsOf(definition),
    });
    applied.push(...names.map((name) => `${definition.name}/${name}`));
  }
  return applied;
}

/** The jobs schema belongs to the slice: the same app role, and nobody else, works in it. */
const rightsToJobs = (schema: string): string => `
  grant usage on schema ${schema}_jobs to ${schema}_app;
  alter default privileges for role ${schema}_jobs_owner in schema ${schema}_jobs grant select, insert, update, delete on tables to ${schema}_app;
  alter default privileges for role ${schema}_jobs_owner in schema ${schema}_jobs grant execute on functions to ${schema}_app;
  alter default privileges for role ${schema}_jobs_owner in schema ${schema}_jobs grant usage, select on sequences to ${schema}_app;
`;

/** A service's migrations in order: messaging's tables first, then its own files. */
export async function migrationsOf(
  definition: Pick<ServiceDefinition, "schema" | "migrations">,
): Promise<readonly Migration[]> {
  const files = (await readdir(definition.migrations)).filter((name) => name.endsWith(".sql")).sort();
  const own = await Promise.all(
    files.map(async (name) => ({
      name: name.slice(0, -4),
      text: await readFile(new URL(name, definition.migrations), "utf8"),
    })),
  );
  return [
    { name: "0000_messaging", text: messagingMigration(definition.schema) },
    { name: "0000_messaging_retention", text: retentionMigration(definition.schema) },
    { name: "0000_messaging_operations", text: operationsMigration(definition.schema) },
    ...own,
  ];
}

const UPKEEP_SECONDS = 3;

/** Wires a service to its lane. Throws RejectedError `config_invalid` that lists every problem. */
export async function host(lane: Lane, definition: ServiceDefinition, app: App | undefined): Promise<Hosted> {
  const log = lane.log.child({ service: definition.name });
  const { database, jobsOwner, bus, upkeep } = await lane.connect(definition);
  const observer = lane.metrics.observer(definition.name, log);
  const runtime = createRuntime({
    service: definition.name,
    schema: definition.schema,
    database,
    bus,
    jobs: pgBossJobs({
      owner: jobsOwner,
      app: database,
      schema: `${definition.schema}_jobs`,
      onError: (error) => observer.trouble("jobs_unavailable", "the job queue reports an error", error),
    }),
    clock: lane.clock,
    observer,
    defaultTenant: lane.defaultTenant,
    ...(lane.edgeTenants === undefined ? {} : { edgeTenants: lane.edgeTenants }),
    alone: lane.alone,
    lingerMs: lane.lingerMs,
    ...(definition.patienceMs === undefined ? {} : { patienceMs: definition.patienceMs }),
    ...(lane.keepsInputs === true ? { keepInputs: { blobs: lane.blobs } } : {}),
    ...(lane.recovering === true ? { recovering: true } : {}),
  });
  const ports: Ports = {
    database,
    blobs: lane.blobs,
    clock: lane.clock,
    log,
    meter: lane.metrics.meter(),
    offer: (input) => runtime.offer(asRequested(input)),
    publish: (input) => runtime.publish(asRequested(input)),
    gauge: (name, help) => lane.metrics.gauge(definition.name, name, help),
  };
  const parts: Parts = definition.wire(definition.configure(lane.environment), ports);
  heldToRow(definition.name, parts);
  if (app !== undefined) {
    await mount(app, definition.name, parts);
    await mountOps(app, definition.name, { runtime, keys: parts.keys, environment: lane.environment });
    await mountRebuild(app, definition.name, {
      runtime,
      clock: lane.clock,
      environment: lane.environment,
      projections: Object.keys(parts.projections ?? {}),
    });
  }
  const stopping = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  /** What its timers have begun and not ended, as far as it changes anything. */
  const inTurn = new Set<Promise<unknown>>();

  const causes = new Set<string>();

  async function measure(): Promise<void> {
    const schema = identifier(definition.schema);
    const { metrics } = lane;
    const service = definition.name;
    const [row] = await database.query<{
      outbox: number | null;
      deferred: number;
      blocked: number;
      dead: Record<string, number> | null;
    }>(
      sql`select (select extract(epoch from now() - min(created_at))::float8 from ${schema}.outbox) as outbox,
                 (select count(*) from ${schema}.deferred_events) as deferred,
                 (select count(*) from (select distinct consumer, key from ${schema}.deferred_events) keys) as blocked,
                 (select jsonb_object_agg(code, n) from (select code, count(*) as n from ${schema}.dead_letters where status = 'open' group by code) codes) as dead`,
    );
    metrics.outboxAge.set({ service }, row?.outbox ?? 0);
    metrics.deferred.set({ service }, row?.deferred ?? 0);
    metrics.blockedKeys.set({ service }, row?.blocked ?? 0);
    // A cause that is no longer there would keep its last number.
    for (const code of causes) metrics.deadLetters.set({ service, code }, 0);
    for (const [code, count] of Object.entries(row?.dead ?? {})) {
      causes.add(code);
      metrics.deadLetters.set({ service, code }, count);
    }
    for (const count of await runtime.jobCounts())
      metrics.waitingJobs.set({ service, queue: count.queue }, count.waiting + count.active);
    for (const { group, topic, records, oldestMs } of await runtime.lag()) {
      metrics.lagEvents.set({ service, group, topic }, records);
      metrics.lagSeconds.set({ service, group, topic }, oldestMs / 1_000);
    }
  }

  const repeat = (
    seconds: number,
    name: string,
    work: () => Promise<unknown>,
    { firstSeconds = seconds, looksOnly = false }: { firstSeconds?: number; looksOnly?: boolean } = {},
  ): void => {
    let running = false;
    const turn = (): void => {
      if (running || stopping.signal.aborted) return;
      running = true;
      const ended: Promise<unknown> = work()
        .catch((error: unknown) => {
          if (!stopping.signal.aborted) observer.trouble("timer_failed", `${name} failed and will run again`, error);
        })
        .finally(() => {
          running = false;
          inTurn.delete(ended);
        });
      // The broker may take long to say how far behind everybody is: the end does not wait for that.
      if (!looksOnly) inTurn.add(ended);
    };
    timers.push(setInterval(turn, seconds * 1_000));
    if (firstSeconds < seconds) timers.push(setTimeout(turn, firstSeconds * 1_000));
  };

  return {
    name: definition.name,
    runtime,
    async start() {
      await parts.start?.();
      await runtime.start(parts.handlers, parts.jobs ?? [], parts.projections);
      for (const timer of parts.timers ?? []) repeat(timer.everySeconds, timer.name, timer.run);
      repeat(15, "measure", measure, { firstSeconds: 1, looksOnly: true });
      if (upkeep !== undefined) repeat(UPKEEP_SECONDS, "upkeep", upkeep);
    },
    async recover(how) {
      if (!how.dryRun) await parts.start?.();
      return await runtime.recover(parts.handlers, parts.jobs ?? [], {
        ...how,
        blobs: lane.blobs,
        onFacts: (facts) => parts.recovering?.(facts),
      });
    },
    async stop() {
      stopping.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.all(inTurn);
      await runtime.stop();
      await parts.stop?.();
    },
  };
}
