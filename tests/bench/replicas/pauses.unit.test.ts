import { describe, expect, it } from "@jest/globals";
import { type Look, longestPauses } from "./pauses.ts";

const look = (at: number, committed: number, high: number, partition = "a"): Look => ({
  at,
  positions: [{ partition, committed, high }],
});

describe("the longest pause of a partition", () => {
  it("is from when there is work until the first of it is finished", () => {
    const looks = [look(0, 5, 5), look(100, 5, 6), look(200, 5, 7), look(300, 6, 7), look(400, 7, 7)];
    expect(longestPauses(looks).get("a")).toBe(200);
  });

  it("does not count time without work", () => {
    expect(longestPauses([look(0, 5, 5), look(9_000, 5, 5), look(9_100, 6, 6)]).get("a")).toBe(0);
  });

  it("counts work that is not finished at the end", () => {
    expect(longestPauses([look(0, 1, 2), look(700, 1, 2)]).get("a")).toBe(700);
  });

  it("starts anew whenever some of a backlog is finished", () => {
    const looks = [look(0, 0, 90), look(100, 10, 90), look(200, 20, 90), look(900, 30, 90)];
    expect(longestPauses(looks).get("a")).toBe(700);
  });

  it("keeps partitions apart", () => {
    const looks = [
      {
        at: 0,
        positions: [
          { partition: "a", committed: 0, high: 1 },
          { partition: "b", committed: 0, high: 1 },
        ],
      },
      {
        at: 50,
        positions: [
          { partition: "a", committed: 1, high: 1 },
          { partition: "b", committed: 0, high: 1 },
        ],
      },
      {
        at: 80,
        positions: [
          { partition: "a", committed: 1, high: 1 },
          { partition: "b", committed: 1, high: 1 },
        ],
      },
    ];
    expect(Object.fromEntries(longestPauses(looks))).toEqual({ a: 50, b: 80 });
  });
});
