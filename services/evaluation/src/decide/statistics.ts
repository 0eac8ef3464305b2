export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/** Wilson's score interval of a share. It stays honest for few trials: 0 of 30 bounds the rate below 0.114, not at 0. */
export function wilson(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const scale = 1 + Z ** 2 / trials;
  const centre = (share + Z ** 2 / (2 * trials)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  // At the ends the two halves cancel exactly, but not in floating point.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/**
 * The exact McNemar test: how likely pairs that changed would split at least this unevenly if neither run were
 * better. Two-sided, from the binomial distribution with one half.
 */
export function mcnemar(gained: number, lost: number): number {
  const changed = gained + lost;
  // In logarithms: 0.5 ** 500 alone is still a number, but a thousand pairs would underflow.
  let logTerm = -changed * Math.LN2;
  let tail = 0;
  for (let count = 0; count <= Math.min(gained, lost); count += 1) {
    tail += Math.exp(logTerm);
    logTerm += Math.log(changed - count) - Math.log(count + 1);
  }
  return Math.min(1, 2 * tail);
}

/** The nearest-rank percentile; 0 where there is nothing. `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
