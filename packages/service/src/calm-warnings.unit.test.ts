import { describe, expect, it } from "@jest/globals";
import { calmWarnings } from "./calm-warnings.ts";

function given() {
  const lines: unknown[] = [];
  const clock = { now: 0 };
  const warn = calmWarnings({ warn: (...line: readonly unknown[]) => void lines.push(line) }, () => clock.now);
  return { lines, clock, warn };
}

describe("calmWarnings", () => {
  it("says the first of its kind at once, and every kind for itself", () => {
    const { lines, warn } = given();
    warn("search_unavailable", "search: the events wait", "cause");
    warn("search_unavailable", "graph: the events wait", "cause");
    expect(lines).toEqual([
      [{ code: "search_unavailable", err: "cause" }, "search: the events wait"],
      [{ code: "search_unavailable", err: "cause" }, "graph: the events wait"],
    ]);
  });

  it("says the same again after ten seconds, and how often it came meanwhile", () => {
    const { clock, lines, warn } = given();
    const again = () => warn("bus_unavailable", "the broker did not answer", "cause");
    again();
    for (clock.now = 1_000; clock.now < 10_000; clock.now += 1_000) again();
    expect(lines).toHaveLength(1);
    again();
    expect(lines.at(-1)).toEqual([{ code: "bus_unavailable", err: "cause", repeated: 9 }, "the broker did not answer"]);
    clock.now += 10_000;
    again();
    expect(lines.at(-1)).toEqual([{ code: "bus_unavailable", err: "cause" }, "the broker did not answer"]);
  });
});
