import type { Envelope } from "@opsdesk/schemas/envelope";
import type { EventDocument, eventFields } from "./event-fields.ts";
import { isKnown, isoOf } from "./fold.ts";

/** Fields that an event's data may have under the same name, with the same meaning. Reasons are codes here. */
const PLAIN = [
  "ticketId",
  "reference",
  "aggregateVersion",
  "conversationVersion",
  "channel",
  "change",
  "outcome",
  "decision",
  "via",
  "origin",
  "code",
  "action",
  "categoryId",
  "draftId",
  "endpointId",
  "service",
  "consumer",
  "reached",
] as const satisfies readonly (keyof typeof eventFields)[];

/** Whose `reason` is a code. In others it is a sentence, which may quote somebody. */
const REASON_IS_CODE = new Set([
  "ai.draft.retired",
  "webhook.endpoint_disabled",
  "ticket.triaged",
  "context.retrieved",
  "ai.draft.proposed",
]);
const CODE = /^[a-z][a-z0-9_.-]{0,99}$/;
const DAYS_A_WEEK = 7;

type Data = Readonly<Record<string, unknown>>;
const recordOf = (value: unknown): Data => (typeof value === "object" && value !== null ? (value as Data) : {});
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What analysts see of any event. `text` is the only field with a person's words. */
export function eventDocument(event: Envelope, indexedAt: string): EventDocument {
  const data = recordOf(event.data);
  const message = recordOf(data["message"]);
  const actor = recordOf(data["actor"]);
  const time = new Date(event.time);
  // `said` of a contact and `text` of a decision are other texts; these two are the message that went in or out.
  const text = textOf(message["text"]) ?? (event.type === "reply.sent" ? textOf(data["text"]) : undefined);
  const reason = textOf(data["reason"]);
  const plain = Object.fromEntries(PLAIN.filter((name) => isKnown(data[name])).map((name) => [name, data[name]]));
  return {
    // Names and types of `PLAIN` are those of the contracts, which the reader has checked.
    ...(plain as Partial<EventDocument>),
    eventId: event.id,
    type: event.type,
    schemaVersion: event.schemaversion,
    tenant: event.tenantid,
    source: event.source,
    time: isoOf(event.time),
    indexedAt,
    hourOfDay: time.getUTCHours(),
    dayOfWeek: time.getUTCDay() === 0 ? DAYS_A_WEEK : time.getUTCDay(),
    correlationId: event.correlationid,
    causationId: event.causationid ?? null,
    actorKind: textOf(actor["kind"]) ?? null,
    actorId: textOf(actor["id"]) ?? null,
    messageKind: textOf(message["kind"]) ?? null,
    automatic: typeof message["automatic"] === "boolean" ? message["automatic"] : null,
    status: textOf(recordOf(data["after"])["status"]) ?? statusOf(event.type, data),
    reason: reason !== undefined && REASON_IS_CODE.has(event.type) && CODE.test(reason) ? reason : null,
    textLength: text?.length ?? null,
    text: text ?? null,
  };
}

/** Elsewhere `status` is an HTTP status, or the ticket's as it came in. */
const statusOf = (type: string, data: Data): string | null =>
  type === "followup.changed" || type === "ticket.created" ? (textOf(data["status"]) ?? null) : null;

/** The day whose index an event belongs to. */
export const dayOf = (time: string): string => isoOf(time).slice(0, "2000-01-01".length).replaceAll("-", ".");
