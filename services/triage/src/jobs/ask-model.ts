import type { ModelAnswer } from "../decide/model.ts";
import { NO_USAGE } from "../decide/run-record.ts";

export interface Asked<Output> {
  /** Undefined when it was refused. */
  readonly output: Output | undefined;
  readonly refusal: string | undefined;
  /** What came back, as it came: recorded by hash whether it was good or not. */
  readonly raw: unknown;
  readonly usage: ModelAnswer["usage"];
  readonly promptVersion: string;
  readonly latencyMs: number;
}

/** Asks, then checks form, then closed lists: in this order, because nothing before the checks may be believed. */
export async function askModel<Output>(
  ask: () => Promise<ModelAnswer>,
  read: (output: unknown) => Output | undefined,
  refuse: (output: Output) => string | undefined,
  promptVersion: string,
): Promise<Asked<Output>> {
  const startedAt = performance.now();
  const answer = await ask();
  const measured = {
    raw: answer.output,
    usage: answer.usage,
    promptVersion: answer.promptVersion ?? promptVersion,
    latencyMs: performance.now() - startedAt,
  };
  const output = read(answer.output);
  if (output === undefined) return { ...measured, output, refusal: "output_invalid" };
  const refusal = refuse(output);
  return refusal === undefined ? { ...measured, output, refusal } : { ...measured, output: undefined, refusal };
}

/** For what ends before anybody was asked. */
export const notAsked = (promptVersion: string) => ({ raw: undefined, usage: NO_USAGE, promptVersion, latencyMs: 0 });
