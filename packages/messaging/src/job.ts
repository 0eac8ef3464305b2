import type { Read } from "@opsdesk/database";
import type { DecisionContext, Save } from "./handler.ts";
import type { Outcome } from "./outcome.ts";

/** A job as its step sees it: what to do, for whom, and what caused it. */
export interface Job<Data = unknown> {
  readonly id: string;
  readonly queue: string;
  readonly key: string;
  readonly data: Data;
  readonly tenant: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly subject: string | undefined;
  readonly traceparent: string | undefined;
  /** The id of the first attempt, the same for all of them. */
  readonly root: string;
  /** How often it has been tried before. */
  readonly attempt: number;
}

export interface JobContext extends DecisionContext {
  readonly signal: AbortSignal;
}

export interface ExhaustedContext extends DecisionContext {
  /** `run` came to its end, and what came of it cannot be written: whatever it did outside has been done. */
  readonly ran: boolean;
}

/**
 * One retryable step of a service. Like a handler, but `run` may take its time and call outside ports.
 *
 * A TransientError thrown by `run` is retried with back-off; after the last attempt, or for any other error,
 * `exhausted` decides what is recorded instead, so that a failure is never silent. Effects commit together with
 * the job's completion, once, however many runners took it.
 */
export interface JobStep<Data = unknown, State = unknown, Rows = unknown> {
  readonly queue: string;
  readonly load?: (read: Read, jobs: readonly Job<Data>[]) => Promise<State>;
  readonly run: (job: Job<Data>, state: State, context: JobContext) => Promise<Outcome<Rows>> | Outcome<Rows>;
  readonly save?: (rows: readonly Rows[]) => Save;
  readonly exhausted: (job: Job<Data>, error: Error, state: State, context: ExhaustedContext) => Outcome<Rows>;
  readonly retry: RetryPolicy;
  /** Jobs of one key run one after another. */
  readonly concurrency: number;
}

export interface RetryPolicy {
  /** Attempts after the first. */
  readonly limit: number;
  readonly delaySeconds: number;
  readonly delaySecondsMax: number;
  /** How long one attempt may take; past it, it counts as failed and another runner may take the job. */
  readonly timeoutSeconds: number;
}

export type AnyJobStep = JobStep<unknown, unknown, unknown>;

export const job = <Data, State, Rows>(queue: string, step: Omit<JobStep<Data, State, Rows>, "queue">): AnyJobStep =>
  // The runtime only hands a step its own jobs, state and rows, so the specific types may be forgotten here.
  ({ queue, ...step }) as unknown as AnyJobStep;
