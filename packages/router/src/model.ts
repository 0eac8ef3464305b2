import type { SparseVector, Vocabulary } from "./vocabulary.ts";

/** Changes whenever the same examples would train to other bytes: features, training, or layout. */
export const ROUTER_FORMAT = 1;

/** A text that a person has labelled. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/**
 * One-against-all weights, eight bits each, `levels[column * classes + class]`: a text reads each of its columns in
 * one run. A class's weight is its level × its scale.
 */
export interface QuantisedWeights {
  readonly levels: Int8Array;
  readonly scales: Float32Array;
  readonly biases: Float32Array;
}

/** A vocabulary and the separators over it: what is fitted, before it is calibrated. */
export interface Separators {
  readonly vocabulary: Vocabulary;
  readonly weights: QuantisedWeights;
}

/** Learned on texts that were held out while fitting. */
export interface Calibration {
  /** Margins are divided by it before the softmax. */
  readonly temperature: number;
  /** The scope score at which `outOfScope` is one half. */
  readonly scopeThreshold: number;
  /** How far above the threshold `outOfScope` falls to 1 / (1 + e). Above 0. */
  readonly scopeWidth: number;
}

/** Plain data: survives structuredClone, so it crosses to and from a worker. */
export interface RouterModel extends Separators, Calibration {
  readonly format: typeof ROUTER_FORMAT;
  readonly seed: number;
  /** Of seed, format and the set of examples: equal hashes mean equal artefacts. */
  readonly trainingHash: string;
  readonly exampleCount: number;
  /** Ascending by code unit; a class is a place in this list. */
  readonly labels: readonly string[];
}

/** How far a text lies on each class's side of its separator, by class. */
export function marginsOf({ weights }: Separators, { columns, values }: SparseVector): Float64Array {
  const { levels, scales, biases } = weights;
  const classes = biases.length;
  const margins = new Float64Array(classes);
  // Four columns a pass: a quarter of the trips through `margins` (measured: twice as fast). A missing fourth reads
  // column 0 with value 0. Every index comes from the model or the vocabulary it was fitted with (`!`).
  for (let i = 0; i < columns.length; i += 4) {
    const a = columns[i]! * classes;
    const b = (columns[i + 1] ?? 0) * classes;
    const c = (columns[i + 2] ?? 0) * classes;
    const d = (columns[i + 3] ?? 0) * classes;
    const atA = values[i]!;
    const atB = values[i + 1] ?? 0;
    const atC = values[i + 2] ?? 0;
    const atD = values[i + 3] ?? 0;
    for (let k = 0; k < classes; k += 1) {
      margins[k]! += levels[a + k]! * atA + levels[b + k]! * atB + levels[c + k]! * atC + levels[d + k]! * atD;
    }
  }
  for (let label = 0; label < classes; label += 1) {
    margins[label] = margins[label]! * scales[label]! + biases[label]!;
  }
  return margins;
}

// Plain loops below: callbacks over typed arrays made up a third of the time a text takes.
function largest(values: Float64Array): number {
  let best = -Infinity;
  for (let i = 0; i < values.length; i += 1) if (values[i]! > best) best = values[i]!;
  return best;
}

const KNOWN_WEIGHT = 0.5;

/** High: at home among the examples. The best margin, and how much of the text was ever seen (AUROC 0.953 → 0.956). */
export const scopeScore = (margins: Float64Array, known: number): number => largest(margins) + KNOWN_WEIGHT * known;

/** Probabilities by class: softmax of margins / temperature. */
export function probabilitiesOf(margins: Float64Array, temperature: number): Float64Array {
  const best = largest(margins);
  const raised = new Float64Array(margins.length);
  let total = 0;
  for (let i = 0; i < raised.length; i += 1) {
    raised[i] = Math.exp((margins[i]! - best) / temperature);
    total += raised[i]!;
  }
  for (let i = 0; i < raised.length; i += 1) raised[i]! /= total;
  return raised;
}
