import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { EvaluationCompleted } from "@opsdesk/schemas/evaluation-completed";
import type { FinishWork } from "./queues.ts";
import { type ScenarioResult, type Scores, type Verdict, score } from "./score.ts";

export interface RunToFinish {
  readonly tenant: string;
  readonly runId: string;
  readonly status: string;
  readonly correlationId: string;
  readonly requestedAt: string;
  readonly deadlineAt: string;
  readonly submittedAt: string | null;
  /** Scenarios that nothing final has come from. */
  readonly pending: number;
  /** Empty while the run cannot end. */
  readonly results: readonly ScenarioResult[];
}

export interface FinishedRun {
  readonly tenant: string;
  readonly runId: string;
  readonly status: "completed" | "failed";
  readonly failure: string | null;
  readonly completedAt: string;
  readonly passed: number | null;
  readonly scores: Scores | null;
  readonly verdicts: readonly Verdict[];
  /** Scenarios that were judged without an answer: the verdict holds only if still none has come. */
  readonly unanswered: readonly string[];
  /** The same for the replies of what was approved. */
  readonly unreplied: readonly string[];
}

const FAILURES_MAX = 100;
const PROBLEMS_MAX = 5;
/** A hundred failures of five problems stay under the record limit only with short messages. */
const MESSAGE_LENGTH_MAX = 200;

/** Ends a run when everything is in, or when `end` says so: at its deadline, or because it could not be submitted. */
export function finishRun(work: FinishWork, run: RunToFinish | undefined, now: string): Outcome<FinishedRun> {
  if (run === undefined) return ignore("run_unknown");
  if (run.status !== "queued" && run.status !== "running") return ignore(`run_${run.status}`);
  if (work.end === undefined && run.pending > 0) return ignore("scenarios_pending");
  const waitMs = Date.parse(run.deadlineAt) - Date.parse(now);
  // A restart makes jobs due before their time.
  if (work.end === "scenario_timeout" && run.pending > 0 && waitMs > 0)
    return defer("deadline_ahead", {
      until: `run:${run.runId}`,
      retryAfterSeconds: Math.ceil(waitMs / 1_000),
      giveUpAfterSeconds: 86_400,
    });
  const { verdicts, passed, scores } = score(run.results, work.end ?? "scenario_timeout");
  const { passRate: _, passRateLow: __, passRateHigh: ___, ...published } = scores;
  const data: EvaluationCompleted = {
    runId: run.runId,
    scenarios: run.results.length,
    passed,
    scores: published,
    failures: verdicts
      .filter((verdict) => !verdict.passed)
      .slice(0, FAILURES_MAX)
      .map(({ scenarioId, problems }) => ({
        scenarioId,
        problems: problems
          .slice(0, PROBLEMS_MAX)
          .map(({ code, message }) => ({ code, message: message.slice(0, MESSAGE_LENGTH_MAX) })),
      })),
    startedAt: run.submittedAt ?? run.requestedAt,
    completedAt: now,
  };
  const idsOf = (wanted: (result: ScenarioResult) => boolean): readonly string[] =>
    run.results.filter(wanted).map(({ scenario }) => scenario.id);
  return done({
    rows: {
      tenant: run.tenant,
      runId: run.runId,
      status: work.end === "run_failed" ? "failed" : "completed",
      failure: work.end === "run_failed" ? work.end : null,
      completedAt: now,
      passed,
      scores,
      verdicts,
      unanswered: idsOf(({ disposition }) => disposition === null),
      unreplied: idsOf(({ disposition, reply }) => disposition === "auto_approved" && reply === null),
    },
    // The job may have been sent by an event of the shadow; the result belongs to the real tenant.
    events: [
      { type: "evaluation.completed", key: run.tenant, tenant: run.tenant, correlationId: run.correlationId, data },
    ],
  });
}

/** A run whose scores cannot be computed or written ends all the same, and says so where it is asked for. */
export const abandonRun = ({ tenant, runId }: FinishWork, now: string): Outcome<FinishedRun> =>
  done({
    rows: {
      tenant,
      runId,
      status: "failed",
      failure: "score_failed",
      completedAt: now,
      passed: null,
      scores: null,
      verdicts: [],
      unanswered: [],
      unreplied: [],
    },
  });
