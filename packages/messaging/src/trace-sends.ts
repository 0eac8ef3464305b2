import {
  type Span,
  type SpanAttributes,
  errorType,
  failSpan,
  setAttributes,
  startSpan,
  tracer,
} from "@opsdesk/telemetry";
import type { Bus, OutgoingRecord } from "./bus.ts";
import { hasSpans, spanOf, takeSpan } from "./spans-by-object.ts";

/** By the conventions' list where it has one; an adapter that says nothing talks to a Kafka broker. */
export const systemOf = (bus: Bus): string => bus.system ?? "kafka";

/** The span of an event that is being made, or undefined where nothing is traced. An attempt that is given up never ends it. */
export function startSending(
  service: string,
  topic: string,
  id: string,
  event: { readonly correlationId: string; readonly traceparent: string | undefined },
): Span | undefined {
  const from = tracer();
  if (from === undefined) return undefined;
  return startSpan(from, {
    name: `send ${topic}`,
    kind: "PRODUCER",
    parent: event.traceparent,
    attributes: { ...attributesOf(topic, id, event.correlationId), "opsdesk.service": service },
  });
}

/** Spans of records that are sent as they were stored: their makers' have ended long ago. */
export function startResending(service: string, records: readonly OutgoingRecord[]): readonly Span[] {
  const from = tracer();
  if (from === undefined) return [];
  return records
    .filter((record) => spanOf(record) === undefined)
    .map(({ topic, headers }) =>
      startSpan(from, {
        name: `send ${topic}`,
        kind: "PRODUCER",
        parent: headers["traceparent"],
        attributes: {
          ...attributesOf(topic, headers["ce_id"] ?? "", headers["ce_correlationid"] ?? ""),
          "opsdesk.service": service,
          "opsdesk.relayed": true,
        },
      }),
    );
}

/** The bus has them, or does not: `error` says which. */
export function endSending(
  bus: Bus,
  records: readonly OutgoingRecord[],
  others: readonly Span[] = [],
  error?: unknown,
): void {
  if (!hasSpans() && others.length === 0) return;
  for (const span of [...others, ...records.flatMap((record) => takeSpan(record) ?? [])]) {
    setAttributes(span, { "messaging.system": systemOf(bus) });
    if (error !== undefined) failSpan(span, errorType(error));
    span.end();
  }
}

const attributesOf = (topic: string, id: string, correlationId: string): SpanAttributes => ({
  "messaging.operation.name": "send",
  "messaging.operation.type": "send",
  "messaging.destination.name": topic,
  "messaging.message.id": id,
  "messaging.message.conversation_id": correlationId,
});
