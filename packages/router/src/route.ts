import { marginsOf, probabilitiesOf, scopeScore, type RouterModel } from "./model.ts";
import { vectorise } from "./vocabulary.ts";

export interface RankedLabel {
  readonly label: string;
  /** Calibrated probability, 0 to 1, given that the text is in scope. */
  readonly confidence: number;
}

export interface Route extends RankedLabel {
  /** 0: at home among the examples, 1: nothing like them; one half is the learned threshold. */
  readonly outOfScope: number;
  readonly inScope: boolean;
  /** The best five labels, best first. */
  readonly ranking: readonly RankedLabel[];
}

const RANKING_MAX = 5;

/** The places of the largest values, largest first; the earlier place wins a tie. */
function best(values: Float64Array, count: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < values.length; i += 1) {
    let at = places.length;
    // Both are places within `values` (`!`).
    while (at > 0 && values[i]! > values[places[at - 1]!]!) at -= 1;
    if (at < count) {
      places.splice(at, 0, i);
      if (places.length > count) places.pop();
    }
  }
  return places;
}

/** Which label a text belongs to. Any text gets an answer; one with no known feature is out of scope for certain. */
export function route(model: RouterModel, text: string): Route {
  const vector = vectorise(model.vocabulary, text);
  const margins = marginsOf(model, vector);
  const probabilities = probabilitiesOf(margins, model.temperature);
  const ranking = best(probabilities, RANKING_MAX).map((place) => ({
    // `place` is a class, and every class has its label and probability.
    label: model.labels[place]!,
    confidence: probabilities[place]!,
  }));
  const distance = (scopeScore(margins, vector.known) - model.scopeThreshold) / model.scopeWidth;
  const outOfScope = vector.known === 0 ? 1 : 1 / (1 + Math.exp(distance));
  // A model has two labels at least.
  return { ...ranking[0]!, outOfScope, inScope: outOfScope <= 0.5, ranking };
}
