import { type Database, type Execute, type Sql, identifier, sql } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { PgBoss, type JobInsert } from "pg-boss";
import manifest from "pg-boss/package.json" with { type: "json" };
import type { Jobs } from "./index.ts";

const DAY = 24 * 60 * 60;
/**
 * How long finished jobs stay. pg-boss walks all of them every five minutes: a day's made its walks cost more than the
 * jobs. Nothing reads them: what is claimed is in the inbox, and what a job did in its service's own tables.
 */
const FINISHED_SECONDS = 60 * 60;

/** `prepared` for what has one text a queue; with a fixed plan pg-boss's fetch takes three times as long. */
const adapter = (database: Execute, prepared = false) => ({
  executeSql: async (text: string, values?: unknown[]) => {
    const { rows } = await database.execute(text, values, { prepared });
    return { rows };
  },
});

/** What is kept beside a job's own data, to tell a crash timer from a real schedule after a restart. */
interface Kept {
  readonly fromMemory: boolean;
  readonly data: unknown;
}

/**
 * Jobs in pg-boss, in the service's own schema `<slice>_jobs`. `owner` creates and migrates that schema; the
 * running service uses `app` alone. Without an owner, `start` throws RejectedError `jobs_not_prepared` where that
 * schema is not there or not current.
 */
export function pgBossJobs(options: {
  owner: Database | undefined;
  app: Database;
  schema: string;
  onError: (error: unknown) => void;
}): Jobs {
  const schema = identifier(options.schema);
  const boss = new PgBoss({
    ...settingsOf(options.schema),
    db: adapter(options.app),
    migrate: false,
    createSchema: false,
    superviseIntervalSeconds: 60,
    maintenanceIntervalSeconds: 300,
  });
  boss.on("error", options.onError);
  let queues: readonly string[] = [];

  return {
    async start(declared) {
      queues = declared.map((queue) => queue.name);
      const state = await stateOf(options.app, schema, queues);
      if (!state.current) {
        if (options.owner === undefined)
          throw new RejectedError("jobs_not_prepared", `${options.schema} is not as this version of pg-boss wants it`, {
            publicMessage:
              "The queues of this service are not prepared: run `opsdesk migrate` with the owner's rights.",
          });
        await prepareJobsSchema(options.owner, options.schema);
      }
      await boss.start();
      // A queue is a row of its own; the app role may add it.
      for (const queue of declared) {
        const deleteAfterSeconds = state.queues.get(queue.name);
        if (deleteAfterSeconds === undefined)
          // Retries are the runner's: an attempt that failed is a new job, in the transaction that records the failure.
          await boss.createQueue(queue.name, {
            retryLimit: 1_000,
            expireInSeconds: queue.expireSeconds,
            deleteAfterSeconds: FINISHED_SECONDS,
            retentionSeconds: 30 * DAY,
          });
        // Made by an earlier version.
        else if (deleteAfterSeconds !== FINISHED_SECONDS)
          await boss.updateQueue(queue.name, { deleteAfterSeconds: FINISHED_SECONDS });
      }
    },

    async insert(tx, jobs) {
      for (const queue of new Set(jobs.map((job) => job.queue))) {
        const rows = jobs
          .filter((job) => job.queue === queue)
          .map((job): JobInsert => ({
            id: job.id,
            data: { fromMemory: job.fromMemory, data: job.data } satisfies Kept,
            startAfter: new Date(Date.now() + job.startAfterSeconds * 1_000),
          }));
        await boss.insert(queue, rows, { db: adapter(tx, true) });
      }
    },

    async complete(tx, queue, ids) {
      const answer = await boss.complete(queue, [...ids], null, { db: adapter(tx, true), includeQueued: true });
      // Documented and answered, but missing from the published type of 12.38.
      return (answer as { affected: number }).affected;
    },

    async fetch(queue, limit) {
      const jobs = await boss.fetch<Kept>(queue, { batchSize: limit });
      return jobs.map((job) => ({ id: job.id, queue, data: job.data.data }));
    },

    async recover() {
      // pg-boss has no call for this: it cannot know that every other runner is dead. The lock on the data directory does.
      await options.app.query(
        sql`update ${schema}.job set state = 'retry', start_after = now()
            where state = 'active' or (state in ('created', 'retry') and (data->>'fromMemory')::boolean)`,
      );
    },

    async due() {
      const [row] = await options.app.query<{ n: number }>(
        sql`select count(*)::int as n from ${schema}.job
            where name = any(${queues}::text[]) and (state = 'active' or (state in ('created', 'retry') and start_after <= now()))`,
      );
      return row?.n ?? 0;
    },

    async hasten(causationIds) {
      await options.app.query(
        sql`update ${schema}.job set start_after = now()
            where state in ('created', 'retry') and start_after > now() and data->'data'->>'causationId' = any(${causationIds}::text[])`,
      );
    },

    async counts() {
      const rows = await options.app.query<{ name: string; waiting: number; active: number }>(
        sql`select name, count(*) filter (where state in ('created', 'retry')) as waiting, count(*) filter (where state = 'active') as active
            from ${schema}.job where name = any(${queues}::text[]) and state < 'completed' group by name`,
      );
      return rows.map((row) => ({ queue: row.name, waiting: row.waiting, active: row.active }));
    },

    async stop() {
      await boss.stop({ graceful: false }).catch((error: unknown) => {
        throw new TransientError("jobs_stop_failed", "pg-boss did not stop in order", { cause: error });
      });
    },
  };
}

const settingsOf = (schema: string) =>
  ({
    schema,
    backend: "pglite",
    schedule: false,
    monitorVacuum: false,
    reindex: false,
    // It sees neither jobs that run from memory nor what caused one, and it records messages of errors.
    openTelemetry: { enabled: false },
  }) as const;

/** Creates or migrates a service's jobs schema, as its owner. Idempotent. */
export async function prepareJobsSchema(owner: Database, schema: string): Promise<void> {
  const boss = new PgBoss({ ...settingsOf(schema), db: adapter(owner), supervise: false, createSchema: false });
  let failure: Error | undefined;
  boss.on("error", (error: Error) => (failure = error));
  await boss.start();
  await boss.stop({ graceful: false });
  if (failure !== undefined) throw failure;
}

/**
 * Whether the schema is as this version of pg-boss wants it, and after how many seconds each queue that there is deletes
 * what is finished. Two small statements.
 */
async function stateOf(
  app: Database,
  schema: Sql,
  queues: readonly string[],
): Promise<{ current: boolean; queues: ReadonlyMap<string, number> }> {
  const tables = schema.render().text;
  const [there] = await app.query<{ there: boolean }>(
    sql`select to_regclass(${`${tables}.version`}) is not null and to_regclass(${`${tables}.queue`}) is not null as there`,
  );
  if (there?.there !== true) return { current: false, queues: new Map() };
  const [found] = await app.query<{ version: number; queues: Readonly<Record<string, number>> }>(
    sql`select (select max(version)::int from ${schema}.version) as version,
               (select coalesce(json_object_agg(name, deletion_seconds), '{}') from ${schema}.queue where name = any(${queues}::text[])) as queues`,
  );
  return {
    current: found?.version === manifest.pgboss.schema,
    queues: new Map(Object.entries(found?.queues ?? {})),
  };
}
