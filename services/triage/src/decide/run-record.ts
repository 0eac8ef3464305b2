import { contentHash, prefixedId } from "@opsdesk/identity";
import type { Run } from "@opsdesk/schemas/common";

export interface RunFacts {
  /** Of the first attempt: all attempts of a job are told apart by their number. */
  readonly jobId: string;
  readonly attempt: number;
  readonly job: string;
  readonly outcome: Run["outcome"];
  readonly reason?: string;
  readonly model: string;
  readonly promptVersion: string;
  /** What was read, in values that name it: texts by themselves, desk and knowledge by version and hash. */
  readonly input: unknown;
  /** Undefined where nothing came back. */
  readonly output: unknown;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly costMicros: number };
  readonly latencyMs: number;
  readonly startedAt: string;
}

export const NO_USAGE = { inputTokens: 0, outputTokens: 0, costMicros: 0 } as const;
const REASON_CHARACTERS_MAX = 300;

/** The record of one run: the same for success, failure and abstention. */
export const runOf = ({
  attempt,
  input,
  job,
  jobId,
  latencyMs,
  model,
  outcome,
  output,
  promptVersion,
  reason,
  startedAt,
  usage,
}: RunFacts): Run => ({
  runId: prefixedId("run", `${jobId}:${attempt}`),
  job,
  outcome,
  ...(reason === undefined ? {} : { reason: reason.slice(0, REASON_CHARACTERS_MAX) }),
  model,
  promptVersion,
  inputHash: contentHash(input),
  outputHash: output === undefined ? null : contentHash(output),
  ...usage,
  latencyMs: Math.round(latencyMs * 1_000) / 1_000,
  startedAt,
});

/** What a failed run says: the error's code, which failure-modes.md explains. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "internal_error";
