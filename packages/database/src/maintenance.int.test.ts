import { sql } from "./sql.ts";
import { checkpoint, maintain } from "./maintenance.ts";
import type { PgliteInstallation } from "./pglite.ts";
import { openEmpty } from "./testing.ts";

let installation: PgliteInstallation;
beforeAll(async () => {
  installation = await openEmpty();
  await installation.as("postgres").execute("create table grown (id int primary key, body text)");
}, 60_000);
afterAll(() => installation.close());

const estimated = async () =>
  (
    await installation
      .as("postgres")
      .query<{ n: number }>(sql`select reltuples::float8 as n from pg_class where relname = 'grown'`)
  )[0]?.n;

/** Postgres counts changes for its statistics about once a second. */
async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("maintenance", () => {
  it("gives a table that has grown its statistics, and leaves a quiet one alone", async () => {
    const database = installation.as("postgres");
    await database.execute("insert into grown select n, repeat('x', 100) from generate_series(1, 5000) n");
    expect(await estimated()).toBe(-1);
    await until(async () => (await maintain(database, 4)).includes("public.grown"));
    expect(await estimated()).toBe(5_000);
    expect(await maintain(database, 4)).not.toContain("public.grown");
  });

  it("makes room where rows have died", async () => {
    const database = installation.as("postgres");
    for (let round = 0; round < 3; round += 1) await database.execute("update grown set body = repeat('y', 100)");
    await until(async () => (await maintain(database, 4)).includes("public.grown"));
    const [row] = await database.query<{ dead: number }>(
      sql`select n_dead_tup as dead from pg_stat_user_tables where relname = 'grown'`,
    );
    expect(row?.dead).toBe(0);
  });

  it("writes a checkpoint once the log has grown by enough, so that a start after a kill is short", async () => {
    const database = installation.as("postgres");
    const redo = async () =>
      (await database.query<{ at: string }>(sql`select redo_lsn::text as at from pg_control_checkpoint()`))[0]?.at;
    const first = await checkpoint(database, undefined);
    const before = await redo();
    expect(await checkpoint(database, first)).toBe(first);
    expect(await redo()).toBe(before);
    await database.execute("insert into grown select n, repeat('z', 2000) from generate_series(10000, 40000) n");
    expect(await checkpoint(database, first)).not.toBe(first);
    expect(await redo()).not.toBe(before);
  });
});
