import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  context,
  isSpanContextValid,
  trace,
} from "@opentelemetry/api";
import type { SpanAttributes } from "./attributes.ts";

export type { Link, Span } from "@opentelemetry/api";

const SCOPE = "opsdesk";
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Undefined unless an SDK runs: whatever is done for each event asks this first, so that nothing is made for nobody.
 * A tracer of the API alone would make a span object for each.
 */
export function tracer(): Tracer | undefined {
  const provider = trace.getTracerProvider() as ReturnType<typeof trace.getTracerProvider> & {
    getDelegateTracer?: (name: string) => Tracer | undefined;
  };
  return provider.getDelegateTracer === undefined ? provider.getTracer(SCOPE) : provider.getDelegateTracer(SCOPE);
}

export interface NewSpan {
  readonly name: string;
  readonly kind: keyof typeof SpanKind;
  /** A `traceparent`, or undefined for a trace of its own. */
  readonly parent: string | undefined;
  readonly attributes: SpanAttributes;
  readonly links?: readonly Link[];
}

export const startSpan = (from: Tracer, { name, kind, parent, attributes, links }: NewSpan): Span =>
  from.startSpan(
    name,
    { kind: SpanKind[kind], attributes, ...(links === undefined ? {} : { links: [...links] }) },
    contextOf(parent),
  );

/** What a `traceparent` names, as the parent of spans. One that is not valid is none. */
function contextOf(traceparent: string | undefined): Context {
  const link = linkTo(traceparent);
  return link === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, link.context);
}

/** A link to what a `traceparent` names. */
export function linkTo(traceparent: string | undefined): Link | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true } };
}

/** The same, of a text that may be anything; undefined where it is not one. */
export const validTraceparent = (text: unknown): string | undefined =>
  typeof text === "string" && TRACEPARENT.test(text) ? text : undefined;

export function traceparentOf(span: Span): string | undefined {
  const of = span.spanContext();
  return isSpanContextValid(of)
    ? `00-${of.traceId}-${of.spanId}-${(of.traceFlags & 1) === 1 ? "01" : "00"}`
    : undefined;
}

export function currentTraceparent(): string | undefined {
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : traceparentOf(span);
}

export const activeSpan = (): Span | undefined => trace.getActiveSpan();

/** Runs work so that what it starts, logs or sends belongs to the span. */
export const inSpan = <T>(span: Span, work: () => T): T => context.with(trace.setSpan(ROOT_CONTEXT, span), work);

/** Marks a span as failed by a code. Never by a message: messages quote what people wrote. */
export function failSpan(span: Span, code: string): void {
  span.setAttribute("error.type" satisfies keyof SpanAttributes, code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

export function setAttributes(span: Span, attributes: SpanAttributes): void {
  span.setAttributes(attributes);
}

/** The code of one of our errors, else what kind of error it is. */
export const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
};
