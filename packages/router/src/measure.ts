import type { LabelledText, RouterModel } from "./model.ts";
import { route, type Route } from "./route.ts";

export interface LabelMeasure {
  readonly label: string;
  readonly n: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Shares are 0 to 1. The fields about texts out of scope are null when none were given. */
export interface RouterMeasure {
  readonly n: number;
  readonly accuracy: number;
  readonly macroF1: number;
  /** Expected calibration error of the chosen label, 15 bins of equal width. */
  readonly ece: number;
  /** The share of the examples that the router calls in scope. */
  readonly inScopeKept: number;
  readonly oosAuroc: number | null;
  /** The share of the texts out of scope that the router calls so. */
  readonly oosCaught: number | null;
  readonly microsecondsPerText: number;
  readonly perLabel: readonly LabelMeasure[];
}

const BINS = 15;

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function calibrationError(routes: readonly Route[], right: readonly boolean[]): number {
  const bins = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0 }));
  routes.forEach(({ confidence }, i) => {
    // A confidence of 1 belongs to the last bin; the index is in range (`!`).
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!;
    bin.confidence += confidence;
    bin.right += right[i] === true ? 1 : 0;
  });
  return share(
    bins.reduce((sum, bin) => sum + Math.abs(bin.confidence - bin.right), 0),
    routes.length,
  );
}

/** The chance that a text of `higher` scores above one of `lower`; ties count half. */
export function areaUnderRoc(higher: readonly number[], lower: readonly number[]): number {
  const ranked = [...higher.map((score) => ({ score, up: 1 })), ...lower.map((score) => ({ score, up: 0 }))].sort(
    (a, b) => a.score - b.score,
  );
  let rankSum = 0;
  for (let from = 0; from < ranked.length;) {
    let to = from;
    while (ranked[to]?.score === ranked[from]?.score && to < ranked.length) to += 1;
    const ups = ranked.slice(from, to).reduce((sum, { up }) => sum + up, 0);
    rankSum += (ups * (from + 1 + to)) / 2;
    from = to;
  }
  return share(rankSum - (higher.length * (higher.length + 1)) / 2, higher.length * lower.length);
}

function measureLabels(examples: readonly LabelledText[], routes: readonly Route[]): LabelMeasure[] {
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  return labels.map((label) => {
    const n = examples.filter((example) => example.label === label).length;
    const chosen = routes.filter((chosenRoute) => chosenRoute.label === label).length;
    const both = examples.filter((example, i) => example.label === label && routes[i]?.label === label).length;
    return { label, n, precision: share(both, chosen), recall: share(both, n), f1: share(2 * both, n + chosen) };
  });
}

/** Judges a model on texts it was not trained on. A label that the model does not know counts as wrong. */
export function measureRouter(
  model: RouterModel,
  examples: readonly LabelledText[],
  outOfScopeTexts: readonly string[] = [],
): RouterMeasure {
  const startedAt = performance.now();
  const routes = examples.map(({ text }) => route(model, text));
  const elapsedMs = performance.now() - startedAt;
  const strangers = outOfScopeTexts.map((text) => route(model, text));
  const right = examples.map(({ label }, i) => routes[i]?.label === label);
  const perLabel = measureLabels(examples, routes);
  const none = strangers.length === 0;
  return {
    n: examples.length,
    accuracy: share(right.filter(Boolean).length, examples.length),
    macroF1: share(
      perLabel.reduce((sum, { f1 }) => sum + f1, 0),
      perLabel.length,
    ),
    ece: calibrationError(routes, right),
    inScopeKept: share(routes.filter(({ inScope }) => inScope).length, routes.length),
    oosAuroc: none
      ? null
      : areaUnderRoc(
          strangers.map((r) => r.outOfScope),
          routes.map((r) => r.outOfScope),
        ),
    oosCaught: none ? null : share(strangers.filter(({ inScope }) => !inScope).length, strangers.length),
    microsecondsPerText: share(elapsedMs * 1000, examples.length),
    perLabel,
  };
}
