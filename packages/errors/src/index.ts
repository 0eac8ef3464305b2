/**
 * The three ways something can go wrong. Which one it is decides what happens next, once, at the edge:
 * a TransientError is retried, a RejectedError becomes a 4xx or a dead letter, a BugError alerts.
 * A refusal that the domain expects is not an error: `decide` returns it as a value.
 */
export interface ErrorOptionsWithCode {
  /** What an outside caller may read: what was expected and what to do. Absent: only the code is shown. */
  readonly publicMessage?: string;
  readonly cause?: unknown;
}

abstract class CodedError<Code extends string> extends Error {
  /** `instanceof` makes the parameter `any`; as a template it stays a string. */
  readonly code: `${Code}`;
  readonly publicMessage: string | undefined;

  constructor(code: Code, message: string, options: ErrorOptionsWithCode = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    // The same string: a template of one literal is that literal.
    this.code = code as `${Code}`;
    this.publicMessage = options.publicMessage;
  }
}

/** May work later: connection lost, serialisation failure, a peer's 5xx. Retried. */
export class TransientError<Code extends string = string> extends CodedError<Code> {}

/** Can never work as it stands: bad input, a closed list's unknown member. A 4xx, or a dead letter. */
export class RejectedError<Code extends string = string> extends CodedError<Code> {}

/** Our own mistake: an invariant that does not hold. Alerts; never swallowed. */
export class BugError<Code extends string = string> extends CodedError<Code> {}
