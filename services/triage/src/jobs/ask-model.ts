import type { ModelAnswer } from "../decide/model.ts";
import { NO_USAGE } from "../decide/run-record.ts";

/** Two minutes of patience: providers are overloaded for as long, and a person is there for what is more urgent. */
export const MODEL_RETRY = { limit: 6, delaySeconds: 2, delaySecondsMax: 60, timeoutSeconds: 30 } as const;

export interface Asked<Output> {
  /** Undefined when it was refused. */
  readonly output: Output | undefined;
  readonly refusal: string | undefined;
  /** What came back, as it came: recorded by hash whether it was good or not. */
  readonly raw: unknown;
  readonly usage: ModelAnswer["usage"];
  readonly promptVersion: string;
  readonly latencyMs: number;
  /** Hash of what left the desk. */
  readonly sent?: string;
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
    ...(answer.sent === undefined ? {} : { sent: answer.sent }),
  };
  if (answer.refusal !== undefined) return { ...measured, output: undefined, refusal: answer.refusal };
  const output = read(answer.output);
  if (output === undefined) return { ...measured, output, refusal: "output_invalid" };
  const refusal = refuse(output);
  return refusal === undefined ? { ...measured, output, refusal } : { ...measured, output: undefined, refusal };
}

/** What a run has read, with the hash of what was made of it for an outside model. */
export const inputWith = <Input extends object>(input: Input, { sent }: { readonly sent?: string }) =>
  sent === undefined ? input : { ...input, sent };

/** For what ends before anybody was asked. */
export const notAsked = (promptVersion: string) => ({ raw: undefined, usage: NO_USAGE, promptVersion, latencyMs: 0 });
