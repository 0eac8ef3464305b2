/** A seeded source of whole numbers in [0, bound): integer arithmetic only, so every engine draws the same (mulberry32). */
export function seededIntegers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * bound);
  };
}

/** Fisher–Yates, in place. */
export function shuffle(values: Int32Array, length: number, next: (bound: number) => number): void {
  for (let i = length - 1; i > 0; i -= 1) {
    const j = next(i + 1);
    const held = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = held;
  }
}
