import { existsSync } from "node:fs";
import { access, constants, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileBlobs } from "@opsdesk/blobs/files";
import { type Database, checkpoint, maintain, migrate, provision, sql } from "@opsdesk/database";
import { PgliteInstallation } from "@opsdesk/database/pglite";
import { RejectedError } from "@opsdesk/errors";
import { type Bus, systemClock } from "@opsdesk/messaging";
import { BUS_SCHEMA, busMigration, logBus } from "@opsdesk/messaging/log-bus";
import { topicCatalogue } from "@opsdesk/schemas";
import type { Logger } from "pino";
import { lockDataDirectory } from "./data-lock.ts";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { type Lane, prepareSlices } from "./host.ts";
import { Metrics } from "./metrics.ts";
import { copyDatabase, templateOf } from "./template.ts";

export interface EmbeddedLane extends Lane {
  /** The log that all services of the directory share. */
  readonly bus: Bus;
  /** Postgres as its administrator sees it. */
  readonly administrator: Database;
  readonly prepared: Promise<void>;
  close(): Promise<void>;
}

/**
 * The embedded lane: Postgres in this process, on disk in `dataDir`, with the event log in the same database.
 *
 * One partition a topic: one process consumes all of them, and larger batches are worth more than parallel ones.
 * Postgres may still be opening when this answers, so that routes are made meanwhile: see `prepared`.
 * Throws RejectedError `data_directory_unusable` and `data_directory_in_use`.
 */
export async function openEmbeddedLane(options: {
  dataDir: string;
  services: readonly ServiceDefinition[];
  environment: Environment;
  log: Logger;
  defaultTenant: string | undefined;
  /** Once the directory is this process's own and before anything in it is opened. */
  locked?: () => Promise<void>;
}): Promise<EmbeddedLane> {
  const { dataDir, log } = options;
  await ensureDataDirectory(dataDir);
  const lock = await lockDataDirectory(dataDir);
  try {
    await options.locked?.();
    const postgres = join(dataDir, POSTGRES);
    const template = await templateOf(options.services);
    if (!existsSync(postgres) && existsSync(template)) copyDatabase(template, postgres);
    const installation = PgliteInstallation.opening({ dataDir: postgres });
    const administrator = installation.as("postgres");
    const bus = logBus({
      database: installation.as(`${BUS_SCHEMA}_app`),
      transactional: true,
      lingerMs: LINGER_MS,
      onError: (error) => log.warn({ err: error, code: "bus_unavailable" }, "the event log reports an error"),
    });
    const prepared = prepare(installation, administrator, bus, options.services);
    const lane = {
      administrator,
      bus,
      prepared,
      connect: ({ schema }: ServiceDefinition) =>
        Promise.resolve({
          database: installation.as(`${schema}_app`),
          jobsOwner: installation.as(`${schema}_jobs_owner`),
          bus,
        }),
      // The log is a part of the database.
      reachable: async () => {
        const database = await administrator.query(sql`select 1 as one`).then(
          () => true,
          () => false,
        );
        return { database, bus: database };
      },
      blobs: fileBlobs(join(dataDir, "blobs")),
      clock: systemClock,
      log,
      metrics: new Metrics(),
      environment: options.environment,
      defaultTenant: options.defaultTenant,
      alone: true,
      lingerMs: LINGER_MS,
    };
    const upkeep = prepared.then(() => keepUp(administrator, log));
    upkeep.catch(() => undefined);
    return {
      ...lane,
      async close() {
        await (await upkeep.catch(() => undefined))?.stop();
        await bus.close();
        await installation.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function prepare(
  installation: PgliteInstallation,
  administrator: Database,
  bus: Bus,
  services: readonly ServiceDefinition[],
): Promise<void> {
  await installation.opened;
  await provision(administrator, BUS_SCHEMA);
  await migrate(installation, { schema: BUS_SCHEMA, migrations: [{ name: "0001_log", text: busMigration }] });
  await bus.ensureTopics(topicCatalogue.map((topic) => ({ name: topic.name, partitions: 1 })));
  await prepareSlices(installation, administrator, services);
}

/** The folder of the database in a data directory. */
export const POSTGRES = "postgres";

/** A statement costs some milliseconds here, whatever it holds. */
const LINGER_MS = 60;
const UPKEEP_MS = 2_000;
const UPKEEP_TABLES = 4;

/** Statistics, vacuum and checkpoints by the clock, a little at a time: the embedded Postgres does none by itself. */
function keepUp(administrator: Database, log: Logger): { stop(): Promise<void> } {
  let running: Promise<unknown> | undefined;
  let checkpointedAt: string | undefined;
  const turn = async (): Promise<void> => {
    await maintain(administrator, UPKEEP_TABLES);
    checkpointedAt = await checkpoint(administrator, checkpointedAt);
  };
  const timer = setInterval(() => {
    running ??= turn()
      .catch((error: unknown) => log.warn({ err: error, code: "upkeep_failed" }, "tables could not be maintained now"))
      .finally(() => (running = undefined));
  }, UPKEEP_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

/** Makes the folder if it can. Throws RejectedError `data_directory_unusable`. */
export async function ensureDataDirectory(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir);
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new RejectedError("data_directory_unusable", `cannot write to ${dataDir}`, {
      cause,
      publicMessage: `The data directory ${dataDir} cannot be created or written. Give this user the right to, or choose another with OPSDESK_DATA_DIR.`,
    });
  }
}

/** One level after the other: where a file system makes nothing (`/proc`), Node's recursive form never ends. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    // Not `instanceof Error`: a test runner has classes of its own.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path || (await exists(parent))) throw error;
    await makeFolder(parent);
    await mkdir(path);
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
