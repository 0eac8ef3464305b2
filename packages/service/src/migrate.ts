import { type Database, identifier, pending, sql, statisticsFunction } from "@opsdesk/database";
import { openPostgres, postgresInstallation } from "@opsdesk/database/postgres";
import { RejectedError } from "@opsdesk/errors";
import { prepareJobsSchema } from "@opsdesk/jobs/pg-boss";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { migrationsOf, prepareSlices } from "./host.ts";

export interface Migrated {
  /** `triage/0001_runs` */
  readonly applied: readonly string[];
  /** App roles that may now log in, because a password was given. */
  readonly logins: readonly string[];
}

const LOCK = 4_607_182;

/**
 * Makes a Postgres server ready for services: roles, schemas, tables, queues, logins. Needs an administrator. Safe to
 * run again, and twice at once: the second waits for the first.
 */
export async function migrateServer(
  url: string,
  services: readonly ServiceDefinition[],
  environment: Environment,
): Promise<Migrated> {
  const installation = postgresInstallation(url);
  const lock = openPostgres({ url, name: "opsdesk migrate lock", connectionsMax: 1, idleInTransactionMsMax: 0 });
  try {
    return await lock.transaction(async (held) => {
      await held.execute("select pg_advisory_xact_lock($1)", [LOCK]);
      const [row] = await held.query<{ role: string; database: string }>(
        sql`select current_user::text as role, current_database()::text as database`,
      );
      if (row === undefined) throw new TypeError("Postgres says nothing of itself");
      const administrator = installation.as(row.role);
      await closeDatabase(administrator, row.database);
      const applied = await prepareSlices(installation, administrator, services);
      const logins: string[] = [];
      for (const { name, schema } of services) {
        await prepareJobsSchema(installation.as(`${schema}_jobs_owner`), `${schema}_jobs`);
        for (const own of [schema, `${schema}_jobs`])
          await installation.as(`${own}_owner`).execute(statisticsFunction(own));
        const password = environment[`${name.toUpperCase().replaceAll("-", "_")}_DATABASE_PASSWORD`];
        await allowLogin(administrator, row.database, `${schema}_app`, password || undefined);
        if (password) logins.push(`${schema}_app`);
      }
      return { applied, logins };
    });
  } finally {
    await lock.close();
    await installation.close();
  }
}

/** What `migrateServer` would apply; nothing is changed. */
export async function pendingOnServer(url: string, services: readonly ServiceDefinition[]): Promise<readonly string[]> {
  const installation = postgresInstallation(url);
  try {
    const missing: string[] = [];
    for (const definition of services) {
      const migrations = await migrationsOf(definition);
      const schema = definition.schema;
      const administrator = installation.as(new URL(url).username || "postgres");
      const [there] = await administrator.query<{ there: boolean }>(
        sql`select to_regclass(${`${schema}.migrations`}) is not null as there`,
      );
      const names =
        there?.there === true
          ? (await pending(installation.as(`${schema}_owner`), { schema, migrations })).map(({ name }) => name)
          : migrations.map(({ name }) => name);
      missing.push(...names.map((name) => `${definition.name}/${name}`));
    }
    return missing;
  } finally {
    await installation.close();
  }
}

/** Nobody connects, or makes temporary tables, unless told to. */
async function closeDatabase(administrator: Database, database: string): Promise<void> {
  await administrator.execute(`revoke all on database ${quoted(database)} from public`);
}

async function allowLogin(
  administrator: Database,
  database: string,
  role: string,
  password: string | undefined,
): Promise<void> {
  const name = identifier(role).render().text;
  await administrator.execute(`grant connect on database ${quoted(database)} to ${name}`);
  await administrator.execute(`alter role ${name} set search_path = ${name.replace(/_app$/, "")}`);
  if (password === undefined) return;
  if (password.length < PASSWORD_LENGTH_MIN)
    throw new RejectedError("config_invalid", `the password of ${role} is too short`, {
      publicMessage: `The password of ${role} must have at least ${PASSWORD_LENGTH_MIN} characters.`,
    });
  await administrator.transaction(async (tx) => {
    // The statement holds the password: it must not reach the server's log.
    await tx.execute("set local log_statement = 'none'");
    await tx.execute("set local log_min_error_statement = 'panic'");
    await tx.execute("set local log_min_duration_statement = -1");
    await tx.execute(`alter role ${name} with login password '${password.replaceAll("'", "''")}'`);
  });
}

const PASSWORD_LENGTH_MIN = 16;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
