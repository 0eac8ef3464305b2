import { anObservation, aScenario } from "../testing/fixtures.ts";
import { type ScenarioResult, score } from "./score.ts";

const result = (changes: Partial<ScenarioResult> = {}): ScenarioResult => ({
  scenario: aScenario(),
  disposition: "review_required",
  observation: anObservation(),
  reply: null,
  latencyMs: 100,
  costMicros: 0,
  ...changes,
});
const scoresOf = (...results: readonly ScenarioResult[]) => score(results, "scenario_timeout").scores;

describe("score", () => {
  it("counts what passed, with an interval that admits how few were asked", () => {
    const { passed, scores, verdicts } = score(
      [result(), result({ observation: anObservation({ categoryId: "email" }) })],
      "scenario_timeout",
    );
    expect([passed, scores.passRate]).toEqual([1, 0.5]);
    expect(scores.passRateLow).toBeLessThan(0.1);
    expect(scores.passRateHigh).toBeGreaterThan(0.9);
    expect(verdicts.map((verdict) => verdict.passed)).toEqual([true, false]);
  });

  it("takes citation precision and recall from the sources that drafts cite", () => {
    const two = aScenario({ expect: { citations: ["a", "b"] } });
    expect(
      scoresOf(result({ scenario: two, observation: anObservation({ citedSources: ["a", "x", "y"] }) })),
    ).toMatchObject({
      citationPrecision: 0.3333,
      citationRecall: 0.5,
    });
  });

  it("weighs every citation alike, not every scenario", () => {
    const four = aScenario({ expect: { citations: ["a", "b", "c", "d"] } });
    expect(
      scoresOf(result(), result({ scenario: four, observation: anObservation({ citedSources: [] }) })).citationRecall,
    ).toBe(0.2);
  });

  it("says nothing about citations, facts or sentences that nobody asked for", () => {
    const silent = aScenario({ expect: { citations: [], facts: [] } });
    const nothing = anObservation({ citedSources: ["x"], draft: null, sentences: 0 });
    expect(scoresOf(result({ scenario: silent, observation: nothing }))).toMatchObject({
      citationPrecision: null,
      citationRecall: null,
      hallucinationRate: null,
      factRecall: null,
    });
  });

  it("takes the hallucination rate over all sentences, and fact recall over all facts", () => {
    const facts = aScenario({ expect: { facts: ["channel scan", "network cable", "asset tag"] } });
    const observation = anObservation({ sentences: 4, unsupported: ["It is the moon."] });
    expect(scoresOf(result({ scenario: facts, observation }))).toMatchObject({
      hallucinationRate: 0.25,
      factRecall: 0.3333,
    });
  });

  it("counts a scenario without an answer against recall, and leaves it out of latency", () => {
    const scores = scoresOf(
      result({ latencyMs: 80 }),
      result({ disposition: null, observation: null, latencyMs: null }),
    );
    expect(scores).toMatchObject({
      citationPrecision: 1,
      citationRecall: 0.5,
      factRecall: 0.5,
      latencyMsP50: 80,
      latencyMsP95: 80,
      passRate: 0.5,
    });
  });

  it("adds up cost and ranks latency", () => {
    const latencies = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1_000];
    expect(scoresOf(...latencies.map((latencyMs) => result({ latencyMs, costMicros: 7 })))).toMatchObject({
      latencyMsP50: 50,
      latencyMsP95: 1_000,
      costMicros: 70,
    });
  });

  it("stays a valid score where nothing came at all", () => {
    expect(scoresOf(result({ disposition: null, observation: null, latencyMs: null }))).toMatchObject({
      passRate: 0,
      latencyMsP50: 0,
      latencyMsP95: 0,
    });
  });
});
