import { type Span, traceparentOf } from "@opsdesk/telemetry";

/** Spans of what is being worked on: items, jobs, records. Empty unless an SDK runs; forgotten with what they are of. */
const spans = new WeakMap<object, Span>();
/** Looking something up in it costs more than all else that is done for an event that nobody traces. */
let used = false;

export const hasSpans = (): boolean => used;

export const spanOf = (of: object): Span | undefined => (used ? spans.get(of) : undefined);

export function keepSpan(of: object, span: Span): void {
  used = true;
  spans.set(of, span);
}

/** Answers the span once: whoever takes it ends it. */
export function takeSpan(of: object): Span | undefined {
  const span = spanOf(of);
  if (span !== undefined) spans.delete(of);
  return span;
}

/** What events and jobs are caused by: the span that makes them, or what came in where nothing is traced. */
export function traceparentFor(of: object, incoming: string | undefined): string | undefined {
  const span = spanOf(of);
  return span === undefined ? incoming : (traceparentOf(span) ?? incoming);
}
