import { sha256Hex } from "@opsdesk/identity";
import { type LabelledText, measureRouter, serialiseRouter, trainRouter } from "@opsdesk/router";
import type { Trained, TrainingRequest } from "./training.ts";

const EXAMPLES_A_LABEL_MIN = 2;
const HELD_OUT_EVERY = 5;

/** Every fifth text of each label, in an order that no author of examples chose; never a label's only text. */
function split(examples: readonly LabelledText[]): { readonly train: LabelledText[]; readonly test: LabelledText[] } {
  const train: LabelledText[] = [];
  const test: LabelledText[] = [];
  for (const group of Map.groupBy(examples, ({ label }) => label).values()) {
    const shuffled = group
      .map((example) => ({ example, order: sha256Hex(example.text) }))
      .toSorted((a, b) => (a.order < b.order ? -1 : 1));
    shuffled.forEach(({ example }, i) => {
      const held = shuffled.length >= EXAMPLES_A_LABEL_MIN && i % HELD_OUT_EVERY === 1;
      (held ? test : train).push(example);
    });
  }
  return { train, test };
}

function measured(examples: readonly LabelledText[], seed: number): Trained["heldOut"] {
  const { test, train } = split(examples);
  if (test.length === 0) return { accuracy: 0, ece: 0, n: 0 };
  const { accuracy, ece, n } = measureRouter(trainRouter(train, { seed }), test);
  return { accuracy, ece, n };
}

/** Trains on all examples. What it is worth is measured on a second model, which has not seen a fifth of them. */
export function trainAndMeasure({ examples, seed }: TrainingRequest): Trained {
  const startedAt = performance.now();
  const model = trainRouter(examples, { seed });
  const heldOut = measured(examples, seed);
  return {
    artefact: serialiseRouter(model),
    trainedOn: examples.length,
    categories: model.labels.length,
    heldOut,
    trainingMs: Math.round(performance.now() - startedAt),
  };
}
