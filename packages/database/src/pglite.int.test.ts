import { databaseContract } from "./database.contract.ts";
import type { Database } from "./database.ts";
import type { PgliteInstallation } from "./pglite.ts";
import { openEmpty } from "./testing.ts";
import { sql } from "./sql.ts";

databaseContract("PGlite", async () => {
  const installation = await openEmpty();
  return { database: installation.as("postgres"), close: () => installation.close() };
});

let installation: PgliteInstallation;
let database: Database;
beforeAll(async () => {
  installation = await openEmpty();
  database = installation.as("postgres");
  await database.execute("create table notes (id int primary key, text text)");
}, 60_000);
afterAll(() => installation.close());

const insert = (id: number) => sql`insert into notes (id, text) values (${id}::int, 'x')`;

describe("the one session of the embedded Postgres", () => {
  it("keeps the order of single statements and transactions that are asked for at once", async () => {
    await Promise.all([
      database.query(insert(1)),
      database.transaction(async (tx) => {
        expect(await tx.query(sql`select from notes`)).toHaveLength(1);
        await tx.query(insert(2));
      }),
      database.query(sql`update notes set text = 'seen'`),
      database.query(insert(3)),
    ]);
    expect(await database.query(sql`select from notes where text = 'seen'`)).toHaveLength(2);
  });
});
