import type { Run } from "@opsdesk/schemas/common";
import type { StoryFields } from "./projection.ts";

export const RUN_TOTALS = ["runs", "costMicros", "inputTokens", "outputTokens", "latencyMicros"] as const;

/** What an event's runs add to its ticket. Latency in whole microseconds: fractions would add up differently in another order. */
export function totalsOf(runs: readonly Run[]): Pick<StoryFields, (typeof RUN_TOTALS)[number]> {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    runs: runs.length,
    costMicros: sum((run) => run.costMicros),
    inputTokens: sum((run) => run.inputTokens),
    outputTokens: sum((run) => run.outputTokens),
    latencyMicros: sum((run) => Math.round(run.latencyMs * 1_000)),
  };
}
