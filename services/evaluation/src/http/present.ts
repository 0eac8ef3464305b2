import type { Problem } from "@opsdesk/schemas/common";
import type { Static } from "typebox";
import type { Observation } from "../decide/observe.ts";
import type { ResultPageRow, RunPageRow } from "../store/run-pages.ts";
import type { Run, RunWithResults } from "./shapes.ts";

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

export const presentRun = (row: RunPageRow): Static<typeof Run> => ({
  runId: row.runId,
  // Both `as`: the table's check constraint, and what agent.score writes.
  status: row.status as Static<typeof Run>["status"],
  scores: row.scores as Static<typeof Run>["scores"],
  requestedBy: row.requestedBy,
  deskVersion: row.deskVersion,
  progress: { done: row.answered, total: row.scenarios },
  requestedAt: row.requestedAt.toISOString(),
  deadlineAt: row.deadlineAt.toISOString(),
  submittedAt: time(row.submittedAt),
  completedAt: time(row.completedAt),
  passed: row.passed,
  failure: row.failure,
});

export function presentResults(row: RunPageRow, rows: readonly ResultPageRow[]): Static<typeof RunWithResults> {
  const results = rows.map(presentResult);
  return {
    ...presentRun(row),
    failures: results
      .filter(({ passed }) => passed === false)
      .map(({ scenarioId, problems }) => ({ scenarioId, problems })),
    results,
  };
}

function presentResult({
  observation,
  problems,
  replyOutcome,
  replyCarrier,
  ...row
}: ResultPageRow): Static<typeof RunWithResults>["results"][number] {
  // Both `as`: written by this service's own handlers and its scoring.
  const seen = observation as Observation | null;
  return {
    ...row,
    categoryId: seen?.categoryId ?? null,
    templateId: seen?.templateId ?? null,
    priority: seen?.priority ?? null,
    rules: [...(seen?.rules ?? [])],
    evidenceSources: [...(seen?.evidenceSources ?? [])],
    citedSources: [...(seen?.citedSources ?? [])],
    draft: seen?.draft ?? null,
    unsupported: [...(seen?.unsupported ?? [])],
    reply: replyOutcome === null ? null : { outcome: replyOutcome, carrier: replyCarrier },
    problems: [...((problems as readonly Problem[] | null) ?? [])],
  };
}
