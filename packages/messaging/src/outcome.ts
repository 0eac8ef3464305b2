import type { EventType } from "@opsdesk/schemas";

/** An event that a decision wants published; the runtime fills in identity, causation and tenant from what caused it. */
export interface NewEvent {
  readonly type: EventType;
  readonly data: unknown;
  /** The record key, and the envelope's subject when it is a ticket. */
  readonly key: string;
  readonly subject?: string;
  /** Tells apart several events of one type with one cause. */
  readonly ordinal?: string;
  /** Only where it differs from the cause: a desk mirrored to its shadow, a new enquiry's own correlation. */
  readonly tenant?: string;
  readonly correlationId?: string;
}

/** Slow or fallible work, sent in the transaction of the decision. `key` orders jobs of one queue. */
export interface NewJob {
  readonly queue: string;
  readonly key: string;
  readonly data: unknown;
  readonly ordinal?: string;
  readonly startAfterSeconds?: number;
}

/** All or nothing: rows to write, jobs to send, events to publish. */
export interface Effects<Rows> {
  readonly rows?: Rows;
  readonly jobs?: readonly NewJob[];
  readonly events?: readonly NewEvent[];
  /** Keys that deferred events wait for, and that have now arrived. */
  readonly wakes?: readonly string[];
  /** What a caller on the spot (HTTP) is told. Not stored. */
  readonly reply?: unknown;
}

export interface Waiting {
  /** What it waits for, as another decision's `wakes` will name it: `desk:<tenant>`. */
  readonly until: string;
  readonly retryAfterSeconds: number;
  readonly giveUpAfterSeconds: number;
}

export type Outcome<Rows> =
  | { readonly outcome: "done"; readonly effects: Effects<Rows> }
  | { readonly outcome: "ignore"; readonly reason: string; readonly reply?: unknown }
  | { readonly outcome: "defer"; readonly reason: string; readonly waiting: Waiting }
  | {
      readonly outcome: "reject";
      readonly code: string;
      readonly message: string;
      readonly events: readonly NewEvent[];
      readonly reply?: unknown;
    };

export const done = <Rows>(effects: Effects<Rows>): Outcome<Rows> => ({ outcome: "done", effects });

/** Nothing to do, and why. Recorded with the claim, never silent. */
export const ignore = (reason: string, reply?: unknown): Outcome<never> => ({ outcome: "ignore", reason, reply });

/** Something it needs has not arrived yet. Later events of the same key wait behind it. */
export const defer = (reason: string, waiting: Waiting): Outcome<never> => ({ outcome: "defer", reason, waiting });

/** Can never work as it stands: parked as a dead letter. `events` tell whoever sent it. */
export const reject = (
  code: string,
  message: string,
  options: { events?: readonly NewEvent[]; reply?: unknown } = {},
): Outcome<never> => ({
  outcome: "reject",
  code,
  message,
  events: options.events ?? [],
  reply: options.reply,
});
