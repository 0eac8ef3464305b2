import { describe, expect, it } from "@jest/globals";
import { extrapolated, fitted } from "./extrapolate.ts";

describe("an extrapolation", () => {
  it("goes on along the line of the logarithms", () => {
    const line = fitted([
      { tickets: 1e4, cost: 10 },
      { tickets: 1e5, cost: 11 },
      { tickets: 1e6, cost: 12 },
    ]);
    expect(line(1e7)).toBeCloseTo(13);
  });

  it("takes the median of each size, part by part", () => {
    const run = (size: number, a: number, b: number) => ({ size, cpuMs: { a, b } });
    const runs = [run(10, 1, 5), run(10, 1, 5), run(10, 90, 5), run(100, 2, 5)];
    expect(extrapolated(runs, ["a", "b"], 1_000)).toEqual({ a: 3, b: 5 });
  });
});
