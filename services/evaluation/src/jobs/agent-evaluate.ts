import { type AnyJobStep, done, job } from "@opsdesk/messaging";
import type { Scenario } from "@opsdesk/schemas/desk";
import { type FinishWork, QUEUES, type RunWork } from "../decide/queues.ts";
import { shadowOf } from "../decide/shadow.ts";
import { type SubmittedRun, submitScenarios } from "../decide/submit-scenarios.ts";
import { type StoredSubmission, runsHeld, runsSubmitted, submissions } from "../store/runs.ts";

type State = ReadonlyMap<string, StoredSubmission>;

/** Submits a run's scenarios to the shadow tenant, where the real services answer them. */
export const agentEvaluate = (): AnyJobStep =>
  job<RunWork, State, SubmittedRun>(QUEUES.evaluate, {
    load: async (read, jobs) => {
      const rows = await submissions(
        read,
        jobs.map(({ data }) => data),
        jobs.map(({ data }) => shadowOf(data.tenant)),
      );
      return new Map(rows.map((row) => [row.runId, row]));
    },
    run: ({ data }, runs, { now }) => {
      const run = runs.get(data.runId);
      if (run === undefined) return submitScenarios(undefined, undefined, now);
      // Kept by on-desk-configured, from a desk that passed its contract.
      const scenarios = run.scenarios.map(({ correlationId, scenario }) => ({
        correlationId,
        scenario: scenario as Scenario,
      }));
      return submitScenarios({ ...run, scenarios }, run.shadowVersion ?? undefined, now);
    },
    save: (rows) => ({
      writes: [runsSubmitted(rows)],
      guards: [{ held: runsHeld(rows, ["queued"]), count: rows.length }],
    }),
    exhausted: ({ data }) => {
      const end: FinishWork = { ...data, end: "run_failed" };
      return done({ jobs: [{ queue: QUEUES.score, key: data.runId, data: end }] });
    },
    retry: { limit: 3, delaySeconds: 1, delaySecondsMax: 10, timeoutSeconds: 30 },
    concurrency: 4,
  });
