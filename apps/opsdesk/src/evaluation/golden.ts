import { styleText } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@opsdesk/identity";
import { type Client, pathTo } from "../client/client.ts";
import { patiently } from "../client/patiently.ts";
import type { Answer, Session } from "../terminal/command.ts";
import { percent, short, table } from "../terminal/table.ts";

interface Run {
  readonly runId: string;
  readonly status: "queued" | "running" | "completed" | "failed";
  readonly progress: { readonly done: number; readonly total: number };
  readonly passed: number | null;
  readonly failure: string | null;
  readonly scores: {
    readonly passRate: number;
    readonly passRateLow: number;
    readonly passRateHigh: number;
    readonly latencyMsP50: number;
    readonly latencyMsP95: number;
    readonly costMicros: number;
  } | null;
  readonly results: readonly {
    readonly scenarioId: string;
    readonly title: string;
    readonly kind: string;
    readonly disposition: string | null;
    readonly categoryId: string | null;
    readonly passed: boolean | null;
    readonly latencyMs: number | null;
    readonly problems: readonly { readonly path?: string; readonly message?: string }[];
  }[];
}

/** Runs the desk's golden scenarios, all or some, and says which failed. */
export async function runGoldenScenarios({ desk, progress }: Session, scenarioIds: readonly string[]): Promise<Answer> {
  const key = newId();
  const { runId } = await patiently(() =>
    desk.send<{ runId: string }>("POST", "/v1/evaluation/runs", scenarioIds.length === 0 ? {} : { scenarioIds }, key),
  );
  const run = await finished(desk, runId, progress);
  return {
    json: run,
    text: runText(run),
    failed: run.status === "failed" || run.results.some(({ passed }) => passed !== true),
  };
}

/** The service gives every run a deadline, so this ends. */
async function finished(desk: Client, runId: string, progress: Session["progress"]): Promise<Run> {
  let shown: ReturnType<Session["progress"]> | undefined;
  try {
    for (;;) {
      const run = await patiently(() => desk.get<Run>(pathTo(["v1", "evaluation", "runs", runId])));
      if (run.progress.total > 0) shown ??= progress("scenarios", run.progress.total);
      shown?.at(run.progress.done, `${run.progress.done} of ${run.progress.total}`);
      if (run.status === "completed" || run.status === "failed") return run;
      await sleep(250);
    }
  } finally {
    shown?.end();
  }
}

function runText({ failure, passed, results, runId, scores, status }: Run): string {
  const rows = results.map((one) => [
    one.passed === true ? styleText("green", "✔") : styleText("red", "✘"),
    one.scenarioId,
    one.kind,
    one.disposition,
    one.categoryId,
    one.latencyMs?.toFixed(0),
    one.passed === true
      ? ""
      : short(one.problems.map(({ message, path }) => [path, message].filter(Boolean).join(" ")).join("; "), 100),
  ]);
  const verdict =
    status === "failed"
      ? styleText("red", `The run failed: ${failure ?? "no reason given"}.`)
      : `${passed ?? 0} of ${results.length} passed${scores === null ? "" : ` (${percent(scores.passRate)}, 95 % interval ${percent(scores.passRateLow)} to ${percent(scores.passRateHigh)}); ${scores.latencyMsP50.toFixed(0)} ms in the middle, ${scores.latencyMsP95.toFixed(0)} ms at the 95th percentile`}.`;
  return [
    ...(rows.length === 0
      ? []
      : [table(["", "scenario", "kind", "disposition", "category", "ms", "problems"], rows), ""]),
    `${verdict} ${styleText("dim", runId)}`,
  ].join("\n");
}
