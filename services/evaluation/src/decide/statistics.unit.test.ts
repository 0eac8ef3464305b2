import { mcnemar, percentile, wilson } from "./statistics.ts";

describe("wilson", () => {
  it("agrees with published values", () => {
    // Newcombe 1998, table I: 81 of 263, 15 of 148.
    expect(wilson(81, 263).low).toBeCloseTo(0.2553, 4);
    expect(wilson(81, 263).high).toBeCloseTo(0.3662, 4);
    expect(wilson(15, 148).low).toBeCloseTo(0.0624, 4);
    expect(wilson(15, 148).high).toBeCloseTo(0.1605, 4);
  });

  it("never promises what few trials cannot: none of 30 is not none at all", () => {
    expect(wilson(0, 30)).toMatchObject({ low: 0 });
    expect(wilson(0, 30).high).toBeCloseTo(0.1135, 4);
    expect(wilson(30, 30).low).toBeCloseTo(1 - 0.1135, 4);
    expect(wilson(30, 30).high).toBe(1);
  });

  it("knows nothing without trials", () => expect(wilson(0, 0)).toEqual({ low: 0, high: 1 }));

  it("always holds the share that was seen, and narrows with more trials", () => {
    for (const trials of [1, 2, 5, 40, 500])
      for (let successes = 0; successes <= trials; successes += 1) {
        const { low, high } = wilson(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
      }
    expect(wilson(50, 100).high - wilson(50, 100).low).toBeLessThan(wilson(5, 10).high - wilson(5, 10).low);
  });
});

describe("mcnemar", () => {
  it("is one where nothing changed or both sides changed alike", () => {
    expect(mcnemar(0, 0)).toBe(1);
    expect(mcnemar(4, 4)).toBe(1);
  });

  it("agrees with the binomial distribution", () => {
    expect(mcnemar(0, 5)).toBeCloseTo(0.0625, 10);
    expect(mcnemar(0, 6)).toBeCloseTo(0.03125, 10);
    expect(mcnemar(1, 9)).toBeCloseTo(22 / 1024, 10);
    expect(mcnemar(2, 8)).toBeCloseTo(112 / 1024, 10);
  });

  it("does not care which run is named first", () => expect(mcnemar(3, 11)).toBe(mcnemar(11, 3)));

  it("still answers for far more pairs than a power of one half can count", () => {
    expect(mcnemar(1_000, 1_000)).toBe(1);
    expect(mcnemar(900, 1_100)).toBeGreaterThan(0);
    expect(mcnemar(900, 1_100)).toBeLessThan(0.0001);
  });
});

describe("percentile", () => {
  it("is a value that was measured, by nearest rank", () => {
    const values = [30, 10, 20, 40];
    expect([
      percentile(values, 0),
      percentile(values, 0.5),
      percentile(values, 0.51),
      percentile(values, 0.95),
      percentile(values, 1),
    ]).toEqual([10, 20, 30, 40, 40]);
  });
  it("is 0 of nothing, and leaves what it was given in its order", () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
    expect(percentile([], 0.5)).toBe(0);
  });
});
