import type { Database } from "../../packages/database/src/index.ts";
import { migratedTables } from "./migrated.ts";
import { differences, type Tables } from "./shape.ts";

interface Plant {
  readonly sql: string;
  /** What the check must then say. */
  readonly said: string;
}

/** One change for everything that the check compares; each on a table of its own, made first and declared as it is. */
const plants: readonly Plant[] = [
  { sql: "create table {schema}.p_other (a text)", said: "p_other: made by the migrations, not declared" },
  { sql: "drop table {schema}.p", said: "p: declared, not made by the migrations" },
  { sql: "alter table {schema}.p add column z text", said: "p.z: declared nowhere, migrated text" },
  { sql: "alter table {schema}.p drop column c", said: "p.c: declared text[], migrated nowhere" },
  { sql: "alter table {schema}.p rename column c to z", said: "p.z: declared nowhere, migrated text[]" },
  {
    sql: "alter table {schema}.p alter column n type integer",
    said: "p.n: declared bigint not null, migrated integer not null",
  },
  {
    sql: "alter table {schema}.p alter column n drop not null",
    said: "p.n: declared bigint not null, migrated bigint",
  },
  { sql: "alter table {schema}.p alter column c set not null", said: "p.c: declared text[], migrated text[] not null" },
  { sql: "alter table {schema}.p drop constraint p_pkey", said: "p: primary key declared (b, a), migrated ()" },
  {
    sql: "alter table {schema}.p drop constraint p_pkey, add primary key (a, b)",
    said: "p: primary key declared (b, a), migrated (a, b)",
  },
];

class Undone extends Error {}

/** Plants that the check would not notice: none, unless it has gone blind. Leaves the database as it was. */
export async function unnoticedPlants(owner: Database, schema: string): Promise<readonly string[]> {
  const within = (statements: readonly string[]): Promise<Tables> =>
    new Promise((resolve, reject) => {
      owner
        .transaction(async (tx) => {
          for (const statement of statements) await tx.execute(statement.replaceAll("{schema}", schema));
          resolve(await migratedTables(tx, schema));
          throw new Undone();
        })
        .catch((error: unknown) => {
          if (!(error instanceof Undone)) reject(error instanceof Error ? error : new Error(String(error)));
        });
    });
  const base = "create table {schema}.p (a text, b text, n bigint not null, c text[], primary key (b, a))";
  const declared = await within([base]);
  const unnoticed: string[] = [];
  for (const plant of plants) {
    const found = differences(schema, declared, await within([base, plant.sql]));
    if (!found.includes(`${schema}.${plant.said}`)) unnoticed.push(`not noticed: ${plant.sql}`);
  }
  if (differences(schema, declared, await within([base])).length > 0)
    unnoticed.push("it sees a difference where there is none");
  return unnoticed;
}

export const plantCount = plants.length;
