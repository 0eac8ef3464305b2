import { calmWarnings } from "./calm-warnings.ts";
import { fileURLToPath } from "node:url";
import { fileBlobs } from "@opsdesk/blobs/files";
import { analyseGrown, sql } from "@opsdesk/database";
import { type PostgresDatabase, openPostgres } from "@opsdesk/database/postgres";
import { RejectedError } from "@opsdesk/errors";
import { systemClock } from "@opsdesk/messaging";
import { edgeTenantsFrom } from "@opsdesk/messaging/edge";
import { type KafkaBus, kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { type KafkaConnection, kafkaConnection } from "@opsdesk/messaging/kafka-connection";
import type { Logger } from "pino";
import { answers } from "./answers.ts";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { expectMigrated, expectTopics } from "./expectations.ts";
import type { Connections, Lane } from "./host.ts";
import { Metrics } from "./metrics.ts";
import { ProblemsError } from "./problem.ts";

export interface LocalLane extends Lane {
  close(): Promise<void>;
}

const LINGER_MS = 3;

/**
 * The lane of separate processes: Postgres and Kafka (or Redpanda) as servers, each service with its own login to both,
 * blobs in a folder that all of them share.
 *
 * Waits a minute for servers that are still starting. Throws ProblemsError `config_invalid` with every problem at once
 * and RejectedError `not_migrated` or `topics_missing`.
 */
export async function openLocalLane(options: {
  services: readonly ServiceDefinition[];
  environment: Environment;
  log: Logger;
  defaultTenant: string | undefined;
  /** Instead of running them: see recover.ts. */
  recovering?: boolean;
}): Promise<LocalLane> {
  const { environment, log, services } = options;
  const configured = services.map((definition) => ({ definition, ...settings(environment, definition) }));
  const blobs = blobFolder(environment);
  const edges = edgesOf(environment);
  const problems = [...new Set([...configured.flatMap((one) => one.problems), ...blobs.problems, ...edges.problems])];
  if (problems.length > 0)
    throw new ProblemsError(
      "config_invalid",
      ["The configuration is not complete; nothing was started.", ...problems.map((one) => `  ${one}`)].join("\n"),
      problems,
    );

  const databases: PostgresDatabase[] = [];
  const buses: KafkaBus[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all(databases.map((database) => database.close()));
  };
  const connections = new Map<string, Connections>();
  const expectations: (() => Promise<void>)[] = [];
  for (const { definition, databaseUrl, connection } of configured) {
    const name = `opsdesk.${options.recovering === true ? "recover." : ""}${definition.name}`;
    const database = openPostgres({ url: databaseUrl, role: `${definition.schema}_app`, name });
    const ownLog = log.child({ service: definition.name });
    const warn = calmWarnings(ownLog);
    const bus = kafkaBus({
      connection,
      name,
      lingerMs: LINGER_MS,
      onTrouble: (message, error) => warn("bus_unavailable", message, error),
    });
    databases.push(database);
    buses.push(bus);
    const { schema } = definition;
    const upkeep = () => Promise.all([schema, `${schema}_jobs`].map((own) => analyseGrown(database, own)));
    connections.set(definition.name, { database, jobsOwner: undefined, bus, upkeep });
    expectations.push(
      () => expectMigrated(database, definition, ownLog),
      () => expectTopics(bus, definition, edges.tenants, ownLog),
    );
  }
  try {
    for (const expect of expectations) await expect();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    connect({ name }) {
      const found = connections.get(name);
      if (found === undefined) throw new TypeError(`${name} is not among the services of this lane`);
      return Promise.resolve(found);
    },
    async reachable() {
      const [database, bus] = await Promise.all([
        every(databases, (one) => answers(one.query(sql`select 1 as one`))),
        every(buses, (one) => one.reachable()),
      ]);
      return { database, bus };
    },
    blobs: fileBlobs(blobs.folder),
    clock: systemClock,
    log,
    metrics: new Metrics(),
    environment,
    defaultTenant: options.defaultTenant,
    alone: false,
    keepsInputs: true,
    ...(options.recovering === true ? { recovering: true } : {}),
    ...(edges.tenants.length === 0 ? {} : { edgeTenants: edges.tenants }),
    lingerMs: LINGER_MS,
    close,
  };
}

interface Settings {
  readonly databaseUrl: string;
  readonly connection: KafkaConnection;
  readonly problems: readonly string[];
}

function settings(environment: Environment, { name }: ServiceDefinition): Settings {
  const problems: string[] = [];
  const own = `${name.toUpperCase().replaceAll("-", "_")}_DATABASE_URL`;
  const databaseUrl = environment[own] || environment["DATABASE_URL"] || "";
  if (!/^postgres(ql)?:\/\/./.test(databaseUrl)) problems.push(`DATABASE_URL, or ${own}, must begin with postgres://`);
  let connection: KafkaConnection = { brokers: [] };
  try {
    connection = kafkaConnection(environment, name);
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    problems.push(...(error.publicMessage ?? error.message).split("\n"));
  }
  return { databaseUrl, connection, problems };
}

function blobFolder(environment: Environment): { folder: string; problems: readonly string[] } {
  const url = environment["BLOB_URL"] ?? "";
  if (!url.startsWith("file:///") || !URL.canParse(url))
    return { folder: "", problems: ["BLOB_URL must be a folder that all services share, as in file:///var/lib/blobs"] };
  return { folder: fileURLToPath(url), problems: [] };
}

function edgesOf(environment: Environment): { tenants: readonly string[]; problems: readonly string[] } {
  try {
    return { tenants: edgeTenantsFrom(environment), problems: [] };
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return { tenants: [], problems: (error.publicMessage ?? error.message).split("\n") };
  }
}

async function every<T>(all: readonly T[], test: (one: T) => Promise<boolean>): Promise<boolean> {
  return (await Promise.all(all.map(test))).every(Boolean);
}
