import { RejectedError } from "@opsdesk/errors";
import { contentHash } from "@opsdesk/identity";
import { calibrate, type HeldOut } from "./calibrate.ts";
import type { RouterErrorCode } from "./errors.ts";
import { stratifiedFolds } from "./folds.ts";
import { marginsOf, ROUTER_FORMAT, type LabelledText, type RouterModel, type Separators } from "./model.ts";
import { quantise } from "./quantise.ts";
import { trainLinear } from "./svm.ts";
import { vectorise, vocabularyOf } from "./vocabulary.ts";

export interface TrainOptions {
  /** A whole number. The same examples and seed give the same model, in whatever order the examples come. */
  readonly seed: number;
  /** Called as the work goes on; `done` of `total` equal parts. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

const FOLDS = 5;
/** Up to here every example is held out once; above, one fifth says enough and costs one fit instead of five. */
const CROSS_FIT_MAX = 2_000;

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOneOrder = (examples: readonly LabelledText[]): LabelledText[] =>
  examples
    .map(({ text, label }) => ({ text, label }))
    .sort((a, b) => byCodeUnit(a.label, b.label) || byCodeUnit(a.text, b.text));

/** Equal hashes mean that training would give the same artefact: a caller that has one need not train again. */
export const trainingHashOf = (examples: readonly LabelledText[], seed: number): string =>
  contentHash({ format: ROUTER_FORMAT, seed, examples: inOneOrder(examples) });

function check(examples: readonly LabelledText[], labels: readonly string[]): void {
  const place = examples.findIndex(({ text, label }) => text.trim() === "" || label.trim() === "");
  if (place >= 0) {
    const message = `Example ${place + 1} of ${examples.length} has no text or no label`;
    throw new RejectedError<RouterErrorCode>("router.example_incomplete", message, {
      publicMessage: `${message}: give it both, or leave it out.`,
    });
  }
  if (labels.length < 2) {
    const message = `Training needs examples of two labels or more; there are ${labels.length}`;
    throw new RejectedError<RouterErrorCode>("router.too_few_labels", message, { publicMessage: `${message}.` });
  }
}

function fit(
  texts: readonly string[],
  classOf: Int32Array,
  classes: number,
  seed: number,
  onClass: () => void,
): Separators {
  const vocabulary = vocabularyOf(texts);
  const vectors = texts.map((text) => vectorise(vocabulary, text));
  const weights = trainLinear(vectors, classOf, classes, vocabulary.hashes.length, seed, onClass);
  return { vocabulary, weights: quantise(weights) };
}

/**
 * Trains and calibrates a router.
 * @throws RejectedError `router.too_few_labels`, `router.example_incomplete`
 */
export function trainRouter(examples: readonly LabelledText[], { seed, onProgress }: TrainOptions): RouterModel {
  const labels = [...new Set(examples.map(({ label }) => label))].sort(byCodeUnit);
  check(examples, labels);
  const ordered = inOneOrder(examples);
  const texts = ordered.map(({ text }) => text);
  const place = new Map(labels.map((label, i) => [label, i]));
  // Every label is in the map: it was made of them.
  const classOf = Int32Array.from(ordered, ({ label }) => place.get(label)!);
  const sizes = new Int32Array(labels.length);
  for (const label of classOf) sizes[label]! += 1;

  const rounds = examples.length <= CROSS_FIT_MAX ? FOLDS : 1;
  const total = labels.length * (rounds + 1);
  let done = 0;
  const onClass = (): void => {
    done += 1;
    onProgress?.({ done, total });
  };

  const fold = stratifiedFolds(classOf, FOLDS, seed);
  const heldOut: HeldOut[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const learns = (_: unknown, row: number): boolean => fold[row] !== round;
    const separators = fit(texts.filter(learns), classOf.filter(learns), labels.length, seed, onClass);
    texts.forEach((text, row) => {
      const label = classOf[row]!;
      // An only example of its class cannot be told by what it was held out from: it says nothing.
      if (fold[row] !== round || sizes[label]! < 2) return;
      const vector = vectorise(separators.vocabulary, text);
      heldOut.push({ margins: marginsOf(separators, vector), known: vector.known, label });
    });
  }
  return {
    format: ROUTER_FORMAT,
    seed,
    trainingHash: trainingHashOf(examples, seed),
    exampleCount: examples.length,
    labels,
    ...fit(texts, classOf, labels.length, seed, onClass),
    ...calibrate(heldOut),
  };
}
