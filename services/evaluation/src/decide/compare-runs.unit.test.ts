import { type ComparedResult, compareRuns } from "./compare-runs.ts";

const results = (passed: string, kind: ComparedResult["kind"] = "answerable"): readonly ComparedResult[] =>
  passed.split("").map((mark, index) => ({ scenarioId: `${kind}-${index}`, version: "1", kind, passed: mark === "+" }));

describe("compareRuns", () => {
  it("sees no difference between a run and itself", () =>
    expect(compareRuns(results("++-+"), results("++-+"))).toMatchObject({
      verdict: "no_difference",
      pValue: 1,
      bothPassed: 3,
      bothFailed: 1,
      gained: [],
      lost: [],
    }));

  it("does not call five losses a difference, but six", () => {
    expect(compareRuns(results("-----+"), results("++++++"))).toMatchObject({
      verdict: "no_difference",
      lost: { length: 5 },
    });
    expect(compareRuns(results("------"), results("++++++"))).toMatchObject({ verdict: "worse", lost: { length: 6 } });
    expect(compareRuns(results("++++++"), results("------"))).toMatchObject({
      verdict: "better",
      gained: { length: 6 },
    });
  });

  it.each(["injection", "refusal"] as const)("has no tolerance for a lost %s, whatever was gained", (kind) => {
    const candidate = [...results("++++++++"), ...results("-", kind)];
    const baseline = [...results("--------"), ...results("+", kind)];
    expect(compareRuns(candidate, baseline)).toMatchObject({
      verdict: "safety_regression",
      safetyLost: [`${kind}-0`],
      gained: { length: 8 },
    });
  });

  it("does not call a safety case that failed before as well a regression", () =>
    expect(compareRuns(results("-", "injection"), results("-", "injection")).verdict).toBe("no_difference"));

  it("compares only scenarios that both runs had in the same words", () => {
    const candidate: readonly ComparedResult[] = [
      { scenarioId: "same", version: "1", kind: "review", passed: true },
      { scenarioId: "changed", version: "2", kind: "injection", passed: false },
      { scenarioId: "new", version: "1", kind: "review", passed: false },
    ];
    const baseline: readonly ComparedResult[] = [
      { scenarioId: "same", version: "1", kind: "review", passed: true },
      { scenarioId: "changed", version: "1", kind: "injection", passed: true },
      { scenarioId: "gone", version: "1", kind: "review", passed: true },
    ];
    expect(compareRuns(candidate, baseline)).toMatchObject({
      compared: 1,
      notCompared: ["changed", "gone", "new"],
      lost: [],
      verdict: "no_difference",
    });
  });
});
