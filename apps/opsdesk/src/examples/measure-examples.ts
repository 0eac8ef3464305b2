import { hash } from "node:crypto";
import { type LabelledText, type RouterMeasure, measureRouter, trainRouter } from "@opsdesk/router";

/** What the figures rest on: texts that the model judging them had not seen. */
export interface ExamplesMeasure {
  readonly method: "k-fold" | "desk";
  readonly folds: number;
  readonly examples: number;
  readonly categories: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly ece: number;
  readonly inScopeKept: number;
  readonly oosAuroc: number | null;
  readonly oosCaught: number | null;
  /** By category, the worst first. */
  readonly recall: readonly { readonly label: string; readonly n: number; readonly recall: number }[];
}

type OnProgress = (done: number, total: number) => void;

const SEED = 1;

/** Every text is judged once, by a model trained on the other folds. */
export function measureByFolds(examples: readonly LabelledText[], outOfScope: readonly string[], folds: number, onProgress: OnProgress): ExamplesMeasure {
  const fold = foldsOf(examples, folds);
  const measures = Array.from({ length: folds }, (_, round) => {
    const model = trainRouter(
      examples.filter((_example, i) => fold[i] !== round),
      { seed: SEED, onProgress: ({ done, total }) => onProgress(round + done / total, folds) },
    );
    return measureRouter(model, examples.filter((_example, i) => fold[i] === round), outOfScope);
  });
  return pooled("k-fold", folds, measures);
}

/** A desk's own examples teach, the file's judge. */
export function measureOnDesk(taught: readonly LabelledText[], examples: readonly LabelledText[], outOfScope: readonly string[], onProgress: OnProgress): ExamplesMeasure {
  const model = trainRouter(taught, { seed: SEED, onProgress: ({ done, total }) => onProgress(done, total) });
  return pooled("desk", 1, [measureRouter(model, examples, outOfScope)]);
}

/** Which fold each example is in: each category spread evenly, in an order that the file did not choose. */
function foldsOf(examples: readonly LabelledText[], folds: number): readonly number[] {
  const fold = Array.from({ length: examples.length }, () => 0);
  const keyed = examples.map(({ label, text }, place) => ({ label, place, key: hash("sha256", text) }));
  for (const group of Map.groupBy(keyed, ({ label }) => label).values())
    group.toSorted((a, b) => (a.key < b.key ? -1 : 1)).forEach(({ place }, i) => (fold[place] = i % folds));
  return fold;
}

function pooled(method: ExamplesMeasure["method"], folds: number, measures: readonly RouterMeasure[]): ExamplesMeasure {
  const n = measures.reduce((sum, measure) => sum + measure.n, 0);
  const mean = (of: (measure: RouterMeasure) => number): number => measures.reduce((sum, measure) => sum + of(measure) * measure.n, 0) / Math.max(n, 1);
  const asked = measures.every(({ oosAuroc }) => oosAuroc !== null);
  const byLabel = Map.groupBy(measures.flatMap(({ perLabel }) => perLabel), ({ label }) => label);
  const recall = [...byLabel].map(([label, parts]) => {
    const all = parts.reduce((sum, part) => sum + part.n, 0);
    return { label, n: all, recall: parts.reduce((sum, part) => sum + part.recall * part.n, 0) / Math.max(all, 1) };
  });
  return {
    method,
    folds,
    examples: n,
    categories: byLabel.size,
    accuracy: mean(({ accuracy }) => accuracy),
    macroF1: mean(({ macroF1 }) => macroF1),
    ece: mean(({ ece }) => ece),
    inScopeKept: mean(({ inScopeKept }) => inScopeKept),
    oosAuroc: asked ? mean(({ oosAuroc }) => oosAuroc ?? 0) : null,
    oosCaught: asked ? mean(({ oosCaught }) => oosCaught ?? 0) : null,
    recall: recall.toSorted((a, b) => a.recall - b.recall || (a.label < b.label ? -1 : 1)),
  };
}
