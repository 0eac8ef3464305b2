import { seededIntegers, shuffle } from "./random.ts";

/**
 * A fold in [0, folds) for each example, every class spread as evenly as it goes. Classes begin at different folds,
 * so that many small classes do not all miss the same one.
 */
export function stratifiedFolds(classOf: Int32Array, folds: number, seed: number): Int32Array {
  const next = seededIntegers(seed);
  const members = new Map<number, number[]>();
  classOf.forEach((label, row) => {
    const rows = members.get(label);
    if (rows === undefined) members.set(label, [row]);
    else rows.push(row);
  });
  const fold = new Int32Array(classOf.length);
  for (const rows of members.values()) {
    const order = Int32Array.from(rows);
    shuffle(order, order.length, next);
    const first = next(folds);
    order.forEach((row, place) => {
      fold[row] = (first + place) % folds;
    });
  }
  return fold;
}
