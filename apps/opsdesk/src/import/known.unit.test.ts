import { describe, expect, it } from "@jest/globals";
import { type Client, DeskRefusal } from "../client/client.ts";
import { CONCURRENCY_MAX, known } from "./known.ts";

/** A desk that knows some ids and counts how often it is asked. */
function deskKnowing(ids: readonly string[]) {
  const asked: string[] = [];
  const get = (path: string) => {
    const id = path.split("/").at(-1) ?? "";
    asked.push(id);
    return ids.includes(id) ? Promise.resolve({}) : Promise.reject(new DeskRefusal(404, { code: "enquiry_not_found" }));
  };
  return { asked, desk: { get } as unknown as Client };
}

describe("what an earlier run has sent", () => {
  it("is asked for until more rows were new than a run has in work at once", async () => {
    const { asked, desk } = deskKnowing([]);
    const earlier = known(desk);
    for (let row = 1; row <= CONCURRENCY_MAX + 50; row += 1)
      if (!(await earlier.has("s", String(row)))) earlier.isNew();
    expect(asked).toHaveLength(CONCURRENCY_MAX + 1);
  });

  it("is found behind the holes that an interrupted run left", async () => {
    const { desk } = deskKnowing(["1", "60", "100"]);
    const earlier = known(desk);
    const found: number[] = [];
    for (let row = 1; row <= 64; row += 1) {
      if (await earlier.has("s", String(row))) found.push(row);
      else earlier.isNew();
    }
    expect(found).toEqual([1, 60]);
  });
});
