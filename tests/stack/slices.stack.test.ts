import { setTimeout as sleep } from "node:timers/promises";
import { postgresInstallation } from "@opsdesk/database/postgres";
import { sql } from "@opsdesk/database";
import { everyService } from "@opsdesk/opsdesk/services";
import { testDatabase } from "@opsdesk/servers/suites";
import { migrateServer, pendingOnServer } from "@opsdesk/service/migrate";
import pg from "pg";

const allServices = await everyService();
const PASSWORD = "a-password-of-20-chars";
const passwords = Object.fromEntries(
  allServices.map(({ name }) => [`${name.toUpperCase().replaceAll("-", "_")}_DATABASE_PASSWORD`, PASSWORD]),
);

let url: string;
let drop: () => Promise<void>;
/** As each service logs in: its own role, and nothing of the administrator's. */
const clients = new Map<string, pg.Client>();

beforeAll(async () => {
  ({ url, drop } = await testDatabase());
  await migrateServer(url, allServices, passwords);
  for (const { name, schema } of allServices) {
    const own = new URL(url);
    own.username = `${schema}_app`;
    own.password = PASSWORD;
    const client = new pg.Client({ connectionString: own.href });
    await client.connect();
    clients.set(name, client);
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.end()));
  await drop();
});

/** `undefined`: it worked; else the SQLSTATE. Whatever it does is taken back. */
async function attempt(service: string, statement: string): Promise<string | undefined> {
  const client = clients.get(service);
  if (client === undefined) throw new TypeError(`no client of ${service}`);
  await client.query("begin");
  try {
    await client.query(statement);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.query("rollback");
  }
}

const DENIED = "42501";
const schemas = allServices.flatMap(({ name, schema }) => [
  { owner: name, schema },
  { owner: name, schema: `${schema}_jobs` },
]);

describe("the slices of Postgres", () => {
  it("lets each service read and write its own tables and no other's: every service, every table, every way", async () => {
    const administrator = postgresInstallation(url);
    const wrong: string[] = [];
    let cells = 0;
    try {
      for (const { owner, schema } of schemas) {
        const tables = await administrator.as("postgres").query<{ name: string; column: string }>(
          sql`select c.relname as name, (select attname from pg_attribute a where a.attrelid = c.oid and attnum > 0 and attidentity = '' and attgenerated = '' order by attnum limit 1) as column
                from pg_class c where c.relnamespace = ${schema}::regnamespace and c.relkind in ('r', 'p')`,
        );
        expect(tables.length).toBeGreaterThan(0);
        const sequences = await administrator
          .as("postgres")
          .query<{ name: string }>(
            sql`select relname as name from pg_class where relnamespace = ${schema}::regnamespace and relkind = 'S'`,
          );
        for (const { name: service } of allServices.filter(({ name }) => name !== owner))
          for (const { name } of sequences)
            for (const statement of [
              `select nextval('${schema}.${name}')`,
              `select last_value from ${schema}.${name}`,
            ]) {
              const code = await attempt(service, statement);
              cells += 1;
              if (code !== DENIED) wrong.push(`${service}: ${statement}: ${code ?? "worked"}`);
            }
        for (const { name: service } of allServices) {
          const allowed = service === owner;
          for (const { column, name } of tables) {
            const table = `${schema}.${name}`;
            const ways = {
              read: `select count(*) from ${table}`,
              insert: `insert into ${table} (${column}) select ${column} from ${table} where false`,
              write: `delete from ${table} where false`,
              update: `update ${table} set ${column} = ${column} where false`,
              lock: `select 1 from ${table} limit 0 for update`,
              truncate: `truncate ${table}`,
              drop: `drop table ${table}`,
            };
            for (const [way, statement] of Object.entries(ways)) {
              const code = await attempt(service, statement);
              cells += 1;
              // Its tables belong to the owner's role: the app role changes rows, never tables.
              const may = allowed && way !== "truncate" && way !== "drop";
              if (may ? code !== undefined : code !== DENIED)
                wrong.push(`${service} ${way} ${table}: ${code ?? "worked"}`);
            }
          }
        }
      }
    } finally {
      await administrator.close();
    }
    process.stderr.write(`slices: ${cells} cells, ${wrong.length} wrong\n`);
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(2_000);
  }, 120_000);

  it("lets nobody create in another's slice, in public, or anything but rows in its own", async () => {
    for (const { name: service } of allServices) {
      for (const { schema } of [...schemas, { schema: "public" }])
        expect([service, schema, await attempt(service, `create table ${schema}.intruder (a int)`)]).toEqual([
          service,
          schema,
          DENIED,
        ]);
      expect(await attempt(service, "create schema intruder")).toBe(DENIED);
      expect(await attempt(service, "create temporary table intruder (a int)")).toBe(DENIED);
      expect(await attempt(service, "create role intruder")).toBe(DENIED);
    }
  });

  it("shows nobody another's tables, nor what another asks", async () => {
    for (const { name: service, schema } of allServices) {
      const client = clients.get(service);
      const seen = await client?.query<{ table_schema: string }>(
        "select distinct table_schema from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
      );
      expect(seen?.rows.map((row) => row.table_schema).sort()).toEqual([schema, `${schema}_jobs`].sort());
      const queries = await client?.query<{ query: string }>(
        "select query from pg_stat_activity where usename is distinct from current_user and query not in ('', '<insufficient privilege>')",
      );
      expect(queries?.rows).toEqual([]);
    }
  });

  it("lets nobody become another, and no stranger connect", async () => {
    for (const { name: service } of allServices)
      for (const { schema } of schemas) {
        expect(await attempt(service, `set role ${schema}_owner`)).toBe(DENIED);
        if (
          !clients.has(service) ||
          `${schema}_app` !== `${allServices.find((one) => one.name === service)?.schema}_app`
        )
          expect(await attempt(service, `set role ${schema}_app`)).toBe(DENIED);
      }
    const installation = postgresInstallation(url);
    try {
      await installation.as("postgres").execute("create role stranger login");
      const stranger = new pg.Client({ connectionString: url.replace("postgres@", "stranger@") });
      await expect(stranger.connect()).rejects.toMatchObject({ code: DENIED });
      await stranger.end().catch(() => undefined);
    } finally {
      await installation.as("postgres").execute("drop role stranger");
      await installation.close();
    }
  });

  it("lets a service analyse its own tables once they have grown, and nobody else's", async () => {
    for (const { name: service, schema } of allServices) {
      const client = clients.get(service);
      await client?.query(
        `insert into ${schema}.inbox (consumer, tenant, source, event_id, outcome) select 'grown', 't', 's', n::text, 'done' from generate_series(1, 1000) n`,
      );
      const analysed = async (): Promise<readonly string[]> => {
        const answer = await client?.query<{ analysed: readonly string[] }>(
          `select ${schema}.analyse_grown() as analysed`,
        );
        return answer?.rows[0]?.analysed ?? [];
      };
      // Postgres counts rows about once a second; a test that never sees it ends by its own time.
      while (!(await analysed()).includes(`${schema}.inbox`)) await sleep(200);
      expect(await analysed()).toEqual([]);
      for (const other of schemas)
        expect([service, other.schema, await attempt(service, `select ${other.schema}.analyse_grown()`)]).toEqual([
          service,
          other.schema,
          other.owner === service ? undefined : DENIED,
        ]);
    }
  }, 60_000);

  it("migrates once, however often and by however many at a time it is asked", async () => {
    const fresh = await testDatabase();
    try {
      const [first, second] = await Promise.all([
        migrateServer(fresh.url, allServices, passwords),
        migrateServer(fresh.url, allServices, passwords),
      ]);
      expect(Math.max(first.applied.length, second.applied.length)).toBeGreaterThan(10);
      expect(Math.min(first.applied.length, second.applied.length)).toBe(0);
      expect((await migrateServer(fresh.url, allServices, passwords)).applied).toEqual([]);
      expect(await pendingOnServer(fresh.url, allServices)).toEqual([]);
    } finally {
      await fresh.drop();
    }
  }, 120_000);

  it("says what is missing on an empty server, and changes nothing by looking", async () => {
    const fresh = await testDatabase();
    const installation = postgresInstallation(fresh.url);
    try {
      expect((await pendingOnServer(fresh.url, allServices)).length).toBeGreaterThan(10);
      const [there] = await installation
        .as("postgres")
        .query<{ n: number }>(sql`select count(*) as n from pg_namespace where nspname = ${"ingest"}`);
      expect(there?.n).toBe(0);
    } finally {
      await installation.close();
      await fresh.drop();
    }
  }, 60_000);
});
