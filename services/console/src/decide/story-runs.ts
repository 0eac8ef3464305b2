import type { Run } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { ofType } from "./story-events.ts";

export interface ToldRun extends Run {
  /** The event that carries it. */
  readonly eventId: string;
}

/** Every run of models and of retrieval, by the time it started; a run that two events name is one. */
export function runsOf(events: readonly Envelope[]): readonly ToldRun[] {
  const runs = new Map<string, ToldRun>();
  const carried = [
    ...ofType(events, "ticket.triaged"),
    ...ofType(events, "context.retrieved"),
    ...ofType(events, "ai.draft.proposed"),
  ];
  for (const { id, data } of carried) for (const run of data.runs) runs.set(run.runId, { ...run, eventId: id });
  for (const { id, data } of ofType(events, "ai.run.recorded")) runs.set(data.run.runId, { ...data.run, eventId: id });
  return [...runs.values()].sort(
    (a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt) || (a.runId < b.runId ? -1 : 1),
  );
}

export interface Totals {
  readonly runs: number;
  readonly costMicros: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of all runs together. */
  readonly latencyMs: number;
}

export function totalsOfRuns(runs: readonly Run[]): Totals {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    runs: runs.length,
    costMicros: sum((run) => run.costMicros),
    inputTokens: sum((run) => run.inputTokens),
    outputTokens: sum((run) => run.outputTokens),
    latencyMs: sum((run) => Math.round(run.latencyMs * 1_000)) / 1_000,
  };
}
