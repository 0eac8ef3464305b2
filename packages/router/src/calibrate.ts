import { probabilitiesOf, scopeScore, type Calibration } from "./model.ts";

/** One text that was not in the training of the separators that judged it. */
export interface HeldOut {
  readonly margins: Float64Array;
  readonly known: number;
  readonly label: number;
}

/** For a training set that has nothing to hold out (one example a class): cautious, most texts go to a person. */
const UNCALIBRATED: Calibration = { temperature: 0.3, scopeThreshold: 0, scopeWidth: 0.2 };

const TEMPERATURE_MIN = 0.02;
const TEMPERATURE_STEP = 1.02;
const TEMPERATURE_STEPS = 250;

/** In scope is where this share of the held-out texts, all of them in scope, lies. */
const KEPT = 0.95;
const SCOPE_WIDTH_MIN = 0.02;

/**
 * Cross-entropy of the held-out labels. A sliver of each label goes to all classes alike (Platt's smoothing): without
 * it, a small set that is told apart without a mistake would drive the temperature to zero, and confidence to one.
 */
function loss(heldOut: readonly HeldOut[], temperature: number): number {
  const sliver = 1 / (heldOut.length + 2);
  let sum = 0;
  for (const { margins, label } of heldOut) {
    const probabilities = probabilitiesOf(margins, temperature);
    let spread = 0;
    for (const p of probabilities) spread += Math.log(p + 1e-12);
    sum -= (1 - sliver) * Math.log((probabilities[label] ?? 0) + 1e-12) + (sliver * spread) / probabilities.length;
  }
  return sum;
}

/** The loss has one valley in the temperature. A grid, because engines differ in the last bit of exponentials. */
function temperatureFor(heldOut: readonly HeldOut[]): number {
  const at = (step: number): number => Math.fround(TEMPERATURE_MIN * TEMPERATURE_STEP ** step);
  let low = 0;
  let high = TEMPERATURE_STEPS;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (loss(heldOut, at(middle)) <= loss(heldOut, at(middle + 1))) high = middle;
    else low = middle + 1;
  }
  return at(low);
}

/** Learns temperature and scope from texts that the separators had not seen. */
export function calibrate(heldOut: readonly HeldOut[]): Calibration {
  if (heldOut.length === 0) return UNCALIBRATED;
  const scores = Float64Array.from(heldOut, ({ margins, known }) => scopeScore(margins, known)).sort();
  const quantile = (share: number): number => scores[Math.floor(share * (scores.length - 1))] ?? 0;
  const scopeThreshold = quantile(1 - KEPT);
  return {
    temperature: temperatureFor(heldOut),
    scopeThreshold,
    scopeWidth: Math.max((quantile(0.5) - scopeThreshold) / 3, SCOPE_WIDTH_MIN),
  };
}
