import { BugError, RejectedError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import type { Database, Installation } from "./database.ts";
import { identifier, sql } from "./sql.ts";

export interface Migration {
  /** File name without its ending, ordered by it: `0001_tickets`. */
  readonly name: string;
  readonly text: string;
}

export interface Slice {
  /** The service's schema; its roles are `<schema>_owner` and `<schema>_app`. */
  readonly schema: string;
  readonly migrations: readonly Migration[];
}

/** What no role may do unless its slice says so. */
const CLOSE_PUBLIC = `
  revoke all on schema public from public;
  create extension if not exists vector with schema public;
  grant usage on schema public to public;
  revoke create on schema public from public;
`;

/** Makes slices' roles and schemas. Idempotent; needs the administrator's rights. One round trip. */
export async function provision(administrator: Database, ...schemas: readonly string[]): Promise<void> {
  await administrator.execute([CLOSE_PUBLIC, ...schemas.map(rolesAndSchema)].join(""));
}

function rolesAndSchema(schema: string): string {
  const name = identifier(schema).render().text;
  return `
    do $$ begin
      if not exists (select from pg_roles where rolname = '${name}_owner') then create role ${name}_owner nologin; end if;
      if not exists (select from pg_roles where rolname = '${name}_app') then create role ${name}_app nologin; end if;
    end $$;
    create schema if not exists ${name} authorization ${name}_owner;
    grant usage on schema ${name} to ${name}_app;
    alter default privileges for role ${name}_owner in schema ${name} grant select, insert, update, delete on tables to ${name}_app;
    alter default privileges for role ${name}_owner in schema ${name} grant usage, select on sequences to ${name}_app;
    alter default privileges for role ${name}_owner in schema ${name} grant execute on functions to ${name}_app;
  `;
}

/** The migrations that a slice still lacks. Throws RejectedError `migration_changed` when an applied one was edited. */
export async function pending(owner: Database, slice: Slice): Promise<readonly Migration[]> {
  const schema = identifier(slice.schema);
  await owner.execute(
    `create table if not exists ${slice.schema}.migrations (name text primary key, text_hash text not null, applied_at timestamptz not null default now())`,
  );
  const applied = await owner.query<{ name: string; text_hash: string }>(
    sql`select name, text_hash from ${schema}.migrations`,
  );
  const hashes = new Map(applied.map((row) => [row.name, row.text_hash]));
  for (const migration of slice.migrations) {
    const known = hashes.get(migration.name);
    if (known !== undefined && known !== sha256Hex(migration.text))
      throw new RejectedError(
        "migration_changed",
        `${slice.schema}: migration ${migration.name} was applied in another form`,
        {
          publicMessage: "An applied migration must never be edited: restore its file and add a new one.",
        },
      );
  }
  return slice.migrations.filter((migration) => !hashes.has(migration.name));
}

/** Applies what is pending, each migration in a transaction of its own, as the owner. Answers the names applied. */
export async function migrate(installation: Installation, slice: Slice): Promise<readonly string[]> {
  const owner = installation.as(`${slice.schema}_owner`);
  const missing = await pending(owner, slice);
  for (const migration of missing) {
    try {
      await owner.transaction(async (tx) => {
        // One runner at a time, should several processes of a service start together.
        await tx.execute("select pg_advisory_xact_lock(hashtext($1))", [`migrate:${slice.schema}`]);
        const [applied] = await tx.query(
          sql`select 1 as one from ${identifier(slice.schema)}.migrations where name = ${migration.name}`,
        );
        // By the runner that had the lock before.
        if (applied !== undefined) return;
        await tx.execute(migration.text);
        await tx.query(
          sql`insert into ${identifier(slice.schema)}.migrations (name, text_hash) values (${migration.name}, ${sha256Hex(migration.text)})`,
        );
      });
    } catch (error) {
      throw new BugError(
        "migration_failed",
        `${slice.schema}: migration ${migration.name} failed and was rolled back`,
        { cause: error },
      );
    }
  }
  return missing.map((migration) => migration.name);
}
