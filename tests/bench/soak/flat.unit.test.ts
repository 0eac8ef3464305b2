import { describe, expect, it } from "@jest/globals";
import { growthOf } from "./flat.ts";

const samples = (value: (n: number) => number) =>
  Array.from({ length: 40 }, (_, n) => ({ at: n, held: { rows: value(n) } }));
const flat = (value: (n: number) => number, allowance = 10): boolean | undefined =>
  growthOf(samples(value), () => allowance)[0]?.flat;

describe("growth over a soak", () => {
  it("finds what grows without end", () => {
    expect(flat((n) => 100 + 5 * n)).toBe(false);
  });

  it("passes over what wavers, warms up, or peaks once", () => {
    expect(flat((n) => 100 + (n % 5))).toBe(true);
    expect(flat((n) => Math.min(n, 9) * 100)).toBe(true);
    expect(flat((n) => (n === 35 ? 10_000 : 100))).toBe(true);
  });

  it("passes over growth that is nothing of its unit", () => {
    expect(flat((n) => n / 4)).toBe(true);
    expect(flat((n) => n / 4, 1)).toBe(false);
  });
});
