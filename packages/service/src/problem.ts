import { BugError, RejectedError, TransientError } from "@opsdesk/errors";

/** RFC 9457, with our stable `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly problems?: readonly unknown[];
}

/** A refusal that lists what is wrong, one by one (file and line, field and expectation). */
export class ProblemsError extends RejectedError {
  readonly problems: readonly unknown[];
  constructor(code: string, message: string, problems: readonly unknown[]) {
    super(code, message, { publicMessage: message });
    this.problems = problems;
  }
}

const STATUS: readonly (readonly [RegExp, number])[] = [
  [/^(request_invalid|event_invalid)$/, 400],
  [/^unauthenticated$/, 401],
  [/^(forbidden|not_allowed)$/, 403],
  [/(^|_)(not_found|unknown)$/, 404],
  [/(_conflict|_reused|_closed|_exists|^already_.*)$/, 409],
  [/_too_large$/, 413],
  [/_unsupported$/, 415],
];

/** The one place where a code becomes a status. */
const statusOf = (code: string): number => STATUS.find(([pattern]) => pattern.test(code))?.[1] ?? 422;

interface Validation {
  readonly validation: readonly {
    readonly instancePath?: string;
    readonly message?: string;
    readonly params?: unknown;
  }[];
  readonly validationContext?: string;
}

const isValidation = (error: unknown): error is Validation =>
  typeof error === "object" && error !== null && "validation" in error && Array.isArray(error.validation);

/** What the caller is told of an error. Internal messages stay inside. */
export function problemOf(error: unknown): Problem {
  if (isValidation(error)) {
    const where = error.validationContext ?? "request";
    const problems = error.validation
      .slice(0, 20)
      .map((one) => ({ path: `${where}${one.instancePath ?? ""}`, message: one.message ?? "is not valid" }));
    return problem(400, "request_invalid", "The request does not have the expected form.", problems);
  }
  if (error instanceof ProblemsError)
    return problem(statusOf(error.code), error.code, error.publicMessage ?? error.message, error.problems);
  if (error instanceof RejectedError) return problem(statusOf(error.code), error.code, error.publicMessage);
  if (error instanceof TransientError)
    return problem(503, error.code, error.publicMessage ?? "Not possible right now; try again.");
  if (error instanceof BugError) return problem(500, error.code, error.publicMessage);
  const status =
    typeof error === "object" && error !== null && "statusCode" in error && typeof error.statusCode === "number"
      ? error.statusCode
      : 500;
  // Fastify's own refusals: an unreadable body, one that is too large, a media type without a parser.
  if (status === 413) return problem(413, "body_too_large", "The body is larger than this route accepts.");
  if (status === 415) return problem(415, "media_type_unsupported", "Send a content-type that this route documents.");
  if (status >= 400 && status < 500)
    return problem(status, "request_invalid", error instanceof Error ? error.message : undefined);
  return problem(500, "internal", undefined);
}

function problem(status: number, code: string, detail: string | undefined, problems?: readonly unknown[]): Problem {
  return {
    type: `urn:opsdesk:problem:${code}`,
    title: code.replaceAll("_", " "),
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(problems === undefined ? {} : { problems }),
  };
}
