import { sql } from "./sql.ts";
import type { PgliteInstallation } from "./pglite.ts";
import { openEmpty } from "./testing.ts";

let installation: PgliteInstallation;
beforeAll(async () => {
  installation = await openEmpty();
}, 60_000);
afterAll(() => installation.close());

describe("text arrays", () => {
  it.each([
    ["none", []],
    ["one", ["a"]],
    ["nulls among them", ["a", null, ""]],
    [
      "what the text form must escape",
      ['"quotes"', "back\\slash", "{braces}", "comma,", "NULL", "null", " spaces ", "line\nbreak"],
    ],
    ["beyond ASCII", ["ünïcode", "😀", "\u2028", "漢字"]],
    ["many and long", Array.from({ length: 500 }, (_, n) => `${n}`.repeat(50))],
  ])("come back as they went: %s", async (_name, values: (string | null)[]) => {
    const [row] = await installation
      .as("postgres")
      .query<{ back: (string | null)[]; n: number }>(
        sql`select ${values}::text[] as back, cardinality(${values}::text[]) as n`,
      );
    expect(row).toEqual({ back: values, n: values.length });
  });

  it("leaves arrays of other types to the driver", async () => {
    const [row] = await installation
      .as("postgres")
      .query(
        sql`select ${[1, 2]}::bigint[] as a, ${["2026-01-01T00:00:00Z"]}::timestamptz[] as b, ${[true, null]}::boolean[] as c`,
      );
    expect(row).toEqual({
      a: expect.arrayContaining([expect.anything()]),
      b: [new Date("2026-01-01T00:00:00Z")],
      c: [true, null],
    });
  });

  it("refuses a NUL with Postgres' own error, and goes on", async () => {
    await expect(installation.as("postgres").query(sql`select ${["a\0b"]}::text[]`)).rejects.toMatchObject({
      code: "22021",
    });
    expect(await installation.as("postgres").query(sql`select ${["ok"]}::text[] as a`)).toEqual([{ a: ["ok"] }]);
  });
});
