import { BugError } from "@opsdesk/errors";
import { idFor } from "@opsdesk/identity";
import { RECORD_BYTES_MAX, checkProduced, contractOf } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { traceparentOf } from "@opsdesk/telemetry";
import type { OutgoingRecord } from "./bus.ts";
import type { MessagingCode } from "./errors.ts";
import type { NewEvent } from "./outcome.ts";
import { keepSpan } from "./spans-by-object.ts";
import { startSending } from "./trace-sends.ts";

/** What an event inherits from whatever led to it: an event, a job, a request. */
export interface Cause {
  readonly id: string;
  /**
   * What ids are derived from. It is the id of our own events, but not of an upstream's: two of them may both call
   * an event `1`.
   */
  readonly key: string;
  readonly tenant: string;
  readonly correlationId: string;
  /** Of the span that works on it, or as it came in. */
  readonly traceparent: string | undefined;
}

export interface PreparedEvent {
  readonly envelope: Envelope;
  readonly record: OutgoingRecord;
}

const utf8 = new TextEncoder();

/** Completes an envelope. The same cause and step always give the same id, so that repeating publishes nothing new. */
export function prepareEvent(service: string, cause: Cause, event: NewEvent, time: string): PreparedEvent {
  const step = `${service}.${event.type}${event.ordinal === undefined ? "" : `:${event.ordinal}`}`;
  return seal(service, event.key, {
    type: event.type,
    data: event.data,
    subject: event.subject ?? ticketOf(event.data),
    tenant: event.tenant ?? cause.tenant,
    correlationId: event.correlationId ?? cause.correlationId,
    causationId: cause.id,
    traceparent: cause.traceparent,
    // A mirrored event has the same step as its original; its tenant tells them apart.
    idempotencyKey:
      event.tenant === undefined || event.tenant === cause.tenant
        ? `${cause.key}:${step}`
        : `${cause.key}:${step}:${event.tenant}`,
    time,
  });
}

export interface Sealed {
  readonly type: string;
  readonly data: unknown;
  readonly subject: string | undefined;
  readonly tenant: string;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly idempotencyKey: string;
  readonly time: string;
}

/**
 * Makes the envelope and its record. Throws BugError `event_invalid` when the payload breaks its own closed schema
 * and `event_too_large` above 256 KiB: a producer's mistake never reaches a topic.
 */
export function seal(service: string, key: string, event: Sealed): PreparedEvent {
  const contract = contractOf(event.type);
  if (contract === undefined) throw bug("event_invalid", `${service} emits an unknown type ${event.type}`);
  const problems = checkProduced(event.type, event.data);
  if (problems.length > 0)
    throw bug(
      "event_invalid",
      `${service} emits an invalid ${event.type}: ${problems.map((p) => `${p.path} ${p.message}`).join("; ")}`,
    );
  const id = idFor(event.idempotencyKey);
  // From here until the bus has the record. Whoever consumes the event is a child of it.
  const sending = startSending(service, contract.topic, id, event);
  const traceparent = sending === undefined ? event.traceparent : traceparentOf(sending);
  const envelope: Envelope = {
    specversion: "1.0",
    id,
    source: `/opsdesk/${service}`,
    type: event.type,
    schemaversion: contract.schemaVersion,
    ...(event.subject === undefined ? {} : { subject: event.subject }),
    time: event.time,
    datacontenttype: "application/json",
    correlationid: event.correlationId,
    ...(event.causationId === undefined ? {} : { causationid: event.causationId }),
    idempotencykey: event.idempotencyKey,
    tenantid: event.tenant,
    ...(traceparent === undefined ? {} : { traceparent }),
    data: event.data,
  };
  const value = JSON.stringify(envelope);
  // Every UTF-16 unit is at most three bytes, so only long texts need counting.
  if (value.length * 3 > RECORD_BYTES_MAX && utf8.encode(value).byteLength > RECORD_BYTES_MAX)
    throw bug("event_too_large", `${event.type} is larger than ${RECORD_BYTES_MAX} bytes`);
  const record: OutgoingRecord = { topic: contract.topic, key, headers: headersOf(envelope), value };
  if (sending !== undefined) keepSpan(record, sending);
  return { envelope, record };
}

/** What routing needs, so that it never parses a body. */
const headersOf = (envelope: Envelope): Record<string, string> => ({
  "content-type": "application/cloudevents+json",
  ce_id: envelope.id,
  ce_type: envelope.type,
  ce_correlationid: envelope.correlationid,
  ...(envelope.traceparent === undefined ? {} : { traceparent: envelope.traceparent }),
});

function ticketOf(data: unknown): string | undefined {
  return typeof data === "object" && data !== null && "ticketId" in data && typeof data.ticketId === "string"
    ? data.ticketId
    : undefined;
}

const bug = (code: MessagingCode, message: string) => new BugError(code, message);
