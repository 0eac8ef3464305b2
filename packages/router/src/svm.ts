import { seededIntegers, shuffle } from "./random.ts";
import type { SparseVector } from "./vocabulary.ts";

/** One-against-all weights: `weights[column * classes + class]`. */
export interface LinearWeights {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
}

const COST = 1;
const DIAGONAL = 0.5 / COST;
const ROUNDS_MAX = 60;
const TOLERANCE = 0.3;

/** All training texts in one run of memory: row r is `[starts[r], starts[r + 1])` of `columns` and `values`. */
interface Rows {
  readonly count: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** The squared length of each row with its bias, plus the dual's diagonal. */
  readonly squares: Float64Array;
}

function rowsOf(vectors: readonly SparseVector[]): Rows {
  const total = vectors.reduce((sum, { columns }) => sum + columns.length, 0);
  const starts = new Int32Array(vectors.length + 1);
  const columns = new Int32Array(total);
  const values = new Float32Array(total);
  const squares = new Float64Array(vectors.length);
  let end = 0;
  vectors.forEach((vector, row) => {
    columns.set(vector.columns, end);
    values.set(vector.values, end);
    squares[row] = vector.values.reduce((sum, x) => sum + x * x, 1 + DIAGONAL);
    end += vector.columns.length;
    starts[row + 1] = end;
  });
  return { count: vectors.length, starts, columns, values, squares };
}

/**
 * Dual coordinate descent for the squared hinge with shrinking: Hsieh et al. 2008, "A Dual Coordinate Descent Method
 * for Large-scale Linear SVM", algorithm 3 (as in LIBLINEAR, solver 1). The bias is a feature that is always 1.
 * Writes into `weights` (zeroed, one a column); returns the bias. Indexes are within bounds by construction (`!`).
 */
function solveBinary(rows: Rows, signs: Int8Array, weights: Float64Array, next: (bound: number) => number): number {
  const { starts, columns, values, squares } = rows;
  const alpha = new Float64Array(rows.count);
  const order = Int32Array.from(alpha, (_, i) => i);
  let bias = 0;
  let active = rows.count;
  let highest = Infinity;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    let steepest = -Infinity;
    let flattest = Infinity;
    shuffle(order, active, next);
    for (let at = 0; at < active; at += 1) {
      const row = order[at]!;
      const from = starts[row]!;
      const to = starts[row + 1]!;
      const sign = signs[row]!;
      let sum = bias;
      for (let k = from; k < to; k += 1) sum += weights[columns[k]!]! * values[k]!;
      const held = alpha[row]!;
      const gradient = sign * sum - 1 + held * DIAGONAL;
      if (held === 0 && gradient > highest) {
        // Far on the right side: out of the active part, and whoever takes its place is looked at next.
        active -= 1;
        order[at] = order[active]!;
        order[active] = row;
        at -= 1;
        continue;
      }
      const projected = held === 0 ? Math.min(gradient, 0) : gradient;
      if (projected > steepest) steepest = projected;
      if (projected < flattest) flattest = projected;
      if (Math.abs(projected) < 1e-12) continue;
      const changed = Math.max(held - gradient / squares[row]!, 0);
      alpha[row] = changed;
      const step = (changed - held) * sign;
      bias += step;
      for (let k = from; k < to; k += 1) weights[columns[k]!]! += step * values[k]!;
    }
    if (steepest - flattest > TOLERANCE) {
      highest = steepest <= 0 ? Infinity : steepest;
      continue;
    }
    if (active === rows.count) break;
    // Solved for the active part: look at everything once more before believing it.
    active = rows.count;
    highest = Infinity;
  }
  return bias;
}

/** Trains one separator a class. `classOf[row]` is in [0, classes); `onClass` is called after each. */
export function trainLinear(
  vectors: readonly SparseVector[],
  classOf: Int32Array,
  classes: number,
  columns: number,
  seed: number,
  onClass: () => void,
): LinearWeights {
  const rows = rowsOf(vectors);
  const weights = new Float32Array(columns * classes);
  const biases = new Float32Array(classes);
  const one = new Float64Array(columns);
  for (let label = 0; label < classes; label += 1) {
    one.fill(0);
    const signs = Int8Array.from(classOf, (of) => (of === label ? 1 : -1));
    biases[label] = solveBinary(rows, signs, one, seededIntegers(seed + label));
    for (let column = 0; column < columns; column += 1) weights[column * classes + label] = one[column]!;
    onClass();
  }
  return { weights, biases };
}
