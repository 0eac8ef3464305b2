import type { Database, Transaction } from "./database.ts";
import { sql } from "./sql.ts";

/** What every adapter of the database port promises. `open` answers a database that may create tables. */
export function databaseContract(
  name: string,
  open: () => Promise<{ readonly database: Database; readonly close: () => Promise<void> }>,
): void {
  describe(`database contract: ${name}`, () => {
    let database: Database;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ database, close } = await open());
      await database.execute("create table notes (id int primary key, text text)");
    }, 60_000);
    afterAll(() => close());

    const insert = (id: number) => sql`insert into notes (id, text) values (${id}::int, 'x')`;
    const ids = async () =>
      (await database.query<{ id: number }>(sql`select id from notes order by id`)).map(({ id }) => id);
    afterEach(() => database.execute("delete from notes"));

    it("keeps texts byte for byte, alone and in arrays, and counts as numbers", async () => {
      const texts = ['a "quoted" {text}, \\ and all', "ünïcode \u2028 \u{1f600}", "", null];
      const rows = await database.query<{ t: string | null; n: number }>(
        sql`select t, n from unnest(${texts}::text[]) with ordinality u(t, n)`,
      );
      expect(rows).toEqual(texts.map((t, index) => ({ t, n: index + 1 })));
    });

    it("answers the rows of a library's statement, prepared or not", async () => {
      for (const prepared of [true, false])
        expect(await database.execute("select $1::int + 1 as sum", [1], { prepared })).toMatchObject({
          rows: [{ sum: 2 }],
        });
    });

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

    it("says at once when it is used inside its own transaction", async () => {
      await expect(database.transaction(() => database.query(insert(5)))).rejects.toMatchObject({
        code: "pool_reentered",
      });
      expect(await ids()).toEqual([]);
    });

    it("does not commit what went on after a statement had failed", async () => {
      await expect(
        database.transaction(async (tx) => {
          await tx.query(insert(1));
          await tx.query(insert(1)).catch(() => undefined);
        }),
      ).rejects.toThrow();
      expect(await ids()).toEqual([]);
    });

    it("follows a commit with what was asked for, and nothing after a rollback", async () => {
      const told: string[] = [];
      await database.transaction(async (tx) => {
        tx.afterCommit(() => told.push("committed"));
        await tx.query(insert(1));
      });
      await database
        .transaction(async (tx) => {
          tx.afterCommit(() => told.push("never"));
          await tx.query(insert(1));
        })
        .catch(() => undefined);
      expect(told).toEqual(["committed"]);
    });
  });
}
