import { type AnyJobStep, job } from "@opsdesk/messaging";
import type { Scenario } from "@opsdesk/schemas/desk";
import { type FinishedRun, type RunToFinish, abandonRun, finishRun } from "../decide/finish-run.ts";
import type { Observation } from "../decide/observe.ts";
import { type FinishWork, QUEUES } from "../decide/queues.ts";
import type { Disposition } from "../decide/record-answer.ts";
import type { ReplyFound } from "../decide/record-reply.ts";
import type { ScenarioResult } from "../decide/score.ts";
import { runsFinished, runsHeld } from "../store/runs.ts";
import { type StoredResult, progressOf, resultsOf, stillMissing, verdictsWritten } from "../store/verdicts.ts";

type State = ReadonlyMap<string, RunToFinish>;

/** Ends a run once everything is in, or at its deadline. Most of these jobs find that something is still out. */
export const agentScore = (): AnyJobStep =>
  job<FinishWork, State, FinishedRun>(QUEUES.score, {
    load: async (read, jobs) => {
      const progress = await progressOf(
        read,
        jobs.map(({ data }) => data),
      );
      const ended = new Set(jobs.filter(({ data }) => data.end !== undefined).map(({ data }) => data.runId));
      const ready = progress.filter(
        ({ status, pending, runId }) =>
          (status === "running" || status === "queued") && (pending === 0 || ended.has(runId)),
      );
      const results = ready.length === 0 ? [] : await resultsOf(read, ready);
      const byRun = Map.groupBy(results, ({ runId }) => runId);
      return new Map(
        progress.map((run) => [
          run.runId,
          {
            ...run,
            requestedAt: run.requestedAt.toISOString(),
            deadlineAt: run.deadlineAt.toISOString(),
            submittedAt: run.submittedAt?.toISOString() ?? null,
            results: (byRun.get(run.runId) ?? []).map(resultOf),
          },
        ]),
      );
    },
    run: ({ data }, runs, { now }) => finishRun(data, runs.get(data.runId), now),
    save: (rows) => ({
      writes: [runsFinished(rows), verdictsWritten(rows)],
      guards: [{ held: runsHeld(rows, ["queued", "running"]), count: rows.length }, stillMissing(rows)],
    }),
    exhausted: ({ data }, _error, _state, { now }) => abandonRun(data, now),
    retry: { limit: 5, delaySeconds: 1, delaySecondsMax: 30, timeoutSeconds: 60 },
    concurrency: 4,
  });

/** Every `as`: written by this service's own handlers, from decisions of these types. */
const resultOf = (row: StoredResult): ScenarioResult => ({
  scenario: row.scenario as Scenario,
  disposition: row.disposition as Disposition | null,
  observation: row.observation as Observation | null,
  reply:
    row.replyOutcome === null
      ? null
      : { outcome: row.replyOutcome as ReplyFound["outcome"], carrier: row.replyCarrier, text: row.replyText },
  latencyMs: row.latencyMs,
  costMicros: row.costMicros,
});
