import { PgliteInstallation } from "./pglite.ts";
import type { Database, Transaction } from "./database.ts";
import { sql } from "./sql.ts";

let installation: PgliteInstallation;
let database: Database;
beforeAll(async () => {
  installation = await PgliteInstallation.open();
  database = installation.as("postgres");
  await database.execute("create table notes (id int primary key, text text)");
}, 60_000);
afterAll(() => installation.close());

const insert = (id: number) => sql`insert into notes (id, text) values (${id}::int, 'x')`;
const ids = async () =>
  (await database.query<{ id: number }>(sql`select id from notes order by id`)).map(({ id }) => id);
afterEach(() => database.execute("delete from notes"));

describe("a transaction of the embedded Postgres", () => {
  it("sends statements together and commits them together", async () => {
    const counted = await database.transaction(async (tx) => {
      const [, , rows] = await Promise.all([
        tx.query(insert(1)),
        tx.query(insert(2)),
        tx.query(sql`select from notes`),
      ]);
      return rows.length;
    });
    expect(counted).toBe(2);
    expect(await ids()).toEqual([1, 2]);
  });

  it("keeps nothing when one of them fails, whatever was sent beside it", async () => {
    const failing = database.transaction((tx) =>
      Promise.all([tx.query(insert(1)), tx.query(insert(1)), tx.query(insert(2)), tx.query(insert(3))]),
    );
    await expect(failing).rejects.toMatchObject({ code: "23505" });
    expect(await ids()).toEqual([]);
  });

  it("has nobody else's statements in it, however many are waiting", async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const failing = database.transaction(async (tx) => {
      await tx.query(insert(1));
      begun.resolve();
      await goOn.promise;
      await tx.query(insert(2));
      throw new Error("never mind");
    });
    await begun.promise;
    const others = Promise.all([11, 12, 13, 14, 15, 16, 17, 18].map((id) => database.query(insert(id))));
    goOn.resolve();
    await expect(failing).rejects.toThrow("never mind");
    await others;
    expect(await ids()).toEqual([11, 12, 13, 14, 15, 16, 17, 18]);
  });

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

  it("refuses a handle that is used after its end", async () => {
    let kept: Transaction | undefined;
    await database.transaction(async (tx) => {
      kept = tx;
      await tx.query(insert(1));
    });
    await expect(kept?.query(insert(2))).rejects.toMatchObject({ code: "pool_reentered" });
    expect(await ids()).toEqual([1]);
  });

  it("goes on after what could not be encoded, and after a transaction without a statement", async () => {
    await expect(
      database.query(
        sql`select ${{
          toPostgres: () => {
            throw new TypeError("no");
          },
        }}`,
      ),
    ).rejects.toThrow("no");
    await database.transaction(() => Promise.resolve());
    await database.query(insert(4));
    expect(await ids()).toEqual([4]);
  });
});
