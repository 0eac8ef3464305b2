import { activeSpan } from "@opsdesk/telemetry";
import pino, { type DestinationStream, type Logger } from "pino";

/**
 * The process's log: JSON lines with ids and codes, and with the trace that a line belongs to. What people wrote, their
 * addresses and secrets never go in; an error that somebody else's code throws may quote them, so it is told with care.
 */
export const createLog = (level: string, destination: DestinationStream = pino.destination(1)): Logger =>
  pino(
    {
      level,
      mixin: () => {
        const span = activeSpan()?.spanContext();
        return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
      },
      serializers: { err: toldError },
    },
    destination,
  );

const CAUSES_MAX = 3;
const MESSAGE_MAX = 300;

interface ToldError {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ToldError;
}

/** An error without what it may carry beside its message: rows, parameters, requests. */
function toldError(error: unknown, depth = 0): ToldError | undefined {
  if (error === undefined) return undefined;
  // Not `instanceof Error`: a test runner has classes of its own.
  if (typeof error !== "object" || error === null || !("message" in error))
    return { type: typeof error, message: withoutQuotations(typeof error === "string" ? error : "") };
  const { name, message, stack, code, cause } = error as Partial<Record<string, unknown>>;
  const told = cause === undefined || depth >= CAUSES_MAX ? undefined : toldError(cause, depth + 1);
  return {
    type: typeof name === "string" ? name : "Error",
    ...(typeof code === "string" ? { code } : {}),
    message: withoutQuotations(String(message)),
    ...(typeof stack === "string" ? { stack: framesOf(stack) } : {}),
    ...(told === undefined ? {} : { cause: told }),
  };
}

/** A parser quotes what it cannot read, and a database what it cannot store; addresses stand in no quotes. */
const withoutQuotations = (text: string): string =>
  text
    .replaceAll(/"[^"]*"?|`[^`]*`?|(?<![\p{L}\p{N}])'[^']*'?/gu, "…")
    .replaceAll(/[^\s<>]+@[^\s<>]+/g, "…@…")
    .slice(0, MESSAGE_MAX);

/** Its first lines repeat the message. */
const framesOf = (stack: string): string =>
  stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
