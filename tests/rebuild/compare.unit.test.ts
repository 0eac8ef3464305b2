import { describe, expect, it } from "@jest/globals";
import { type Row, compare, sideOf } from "./compare.ts";

const rows: readonly Row[] = [
  { id: "t:1", values: ["open", 3] },
  { id: "t:2", values: ["closed", 4] },
  { id: "t:3", values: [null, 1] },
];
const against = async (copy: readonly Row[], source = rows) => compare(await sideOf(source), await sideOf(copy));

describe("the comparison of a copy with its source", () => {
  it("finds equal what is equal, in any order", async () => {
    const { checksums, ...rest } = await against(rows.toReversed());
    expect(checksums[0]).toBe(checksums[1]);
    expect(rest).toMatchObject({ source: 3, copy: 3, equal: true });
  });

  it.each<[string, readonly Row[], object]>([
    ["a missing document", rows.slice(1), { missing: { count: 1, ids: ["t:1"] } }],
    [
      "a document that the source does not have",
      [...rows, { id: "t:4", values: [] }],
      { extra: { count: 1, ids: ["t:4"] } },
    ],
    [
      "one field of one document",
      [{ id: "t:1", values: ["pending", 3] }, ...rows.slice(1)],
      { different: { count: 1, ids: ["t:1"] } },
    ],
    [
      "another version",
      [{ id: "t:1", values: ["open", 2] }, ...rows.slice(1)],
      { different: { count: 1, ids: ["t:1"] } },
    ],
    [
      "two documents that have changed places",
      [{ id: "t:1", values: ["closed", 4] }, { id: "t:2", values: ["open", 3] }, ...rows.slice(2)],
      { different: { count: 2, ids: ["t:1", "t:2"] } },
    ],
    ["a document that is there twice", [...rows, ...rows.slice(0, 1)], { repeated: { count: 1, ids: ["t:1"] } }],
    [
      "one for the other",
      [...rows.slice(1), { id: "t:9", values: ["open", 3] }],
      { missing: { count: 1, ids: ["t:1"] } },
    ],
  ])("finds %s", async (_what, copy, found) => {
    expect(await against(copy)).toMatchObject({ equal: false, ...found });
  });

  it("takes two empty sides for no proof", async () => {
    expect(await against([], [])).toMatchObject({ equal: false, source: 0, copy: 0 });
  });
});
