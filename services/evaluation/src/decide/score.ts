import type { Problem } from "@opsdesk/schemas/common";
import type { Scenario } from "@opsdesk/schemas/desk";
import type { EvaluationCompleted } from "@opsdesk/schemas/evaluation-completed";
import { type Found, judge, says } from "./judge.ts";
import type { End } from "./queues.ts";
import { percentile, wilson } from "./statistics.ts";

export interface ScenarioResult extends Found {
  readonly scenario: Scenario;
  readonly latencyMs: number | null;
  readonly costMicros: number;
}

export interface Verdict {
  readonly scenarioId: string;
  readonly passed: boolean;
  readonly problems: readonly Problem[];
}

/** The scores that the event carries, and the pass rate with its 95 % Wilson interval. */
export interface Scores extends Readonly<EvaluationCompleted["scores"]> {
  readonly passRate: number;
  readonly passRateLow: number;
  readonly passRateHigh: number;
}

export interface Score {
  readonly verdicts: readonly Verdict[];
  readonly passed: number;
  readonly scores: Scores;
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
const share = (part: number, whole: number): number | null => (whole === 0 ? null : rounded(part / whole));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * How a run did. Shares are over all scenarios together, not means of scenarios, and null where nothing was asked:
 * - citation precision and recall: the sources that drafts cite against those that their scenarios name;
 * - hallucination rate: sentences of drafts that neither evidence nor approved text supports;
 * - fact recall: required texts that drafts contain. Precision alone would reward saying little.
 */
export function score(results: readonly ScenarioResult[], end: End): Score {
  const verdicts = results.map(({ scenario, ...found }): Verdict => {
    const problems = judge(scenario.expect, found, end);
    return { scenarioId: scenario.id, passed: problems.length === 0, problems };
  });
  const passed = verdicts.filter((verdict) => verdict.passed).length;
  const { low, high } = wilson(passed, results.length);
  const latencies = results.flatMap(({ latencyMs }) => latencyMs ?? []);
  return {
    verdicts,
    passed,
    scores: {
      passRate: rounded(results.length === 0 ? 0 : passed / results.length),
      passRateLow: rounded(low),
      passRateHigh: rounded(high),
      ...quality(results),
      latencyMsP50: percentile(latencies, 0.5),
      latencyMsP95: percentile(latencies, 0.95),
      costMicros: sum(results.map(({ costMicros }) => costMicros)),
    },
  };
}

function quality(
  results: readonly ScenarioResult[],
): Pick<Scores, "citationPrecision" | "citationRecall" | "hallucinationRate" | "factRecall"> {
  let cited = 0;
  let expected = 0;
  let right = 0;
  let facts = 0;
  let factsFound = 0;
  for (const { scenario, observation } of results) {
    const { citations, facts: wanted } = scenario.expect;
    facts += wanted.length;
    factsFound += wanted.filter((fact) => says(observation?.draft ?? "", fact)).length;
    // A scenario that names no source says nothing about which citations are right.
    if (citations.length === 0) continue;
    const named = new Set(citations);
    const found = observation?.citedSources ?? [];
    cited += found.length;
    expected += named.size;
    right += [...named].filter((sourceId) => found.includes(sourceId)).length;
  }
  const sentences = sum(results.map(({ observation }) => observation?.sentences ?? 0));
  const unsupported = sum(results.map(({ observation }) => observation?.unsupported.length ?? 0));
  return {
    citationPrecision: share(right, cited),
    citationRecall: share(right, expected),
    hallucinationRate: share(unsupported, sentences),
    factRecall: share(factsFound, facts),
  };
}
