import type { EventType } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { deliveryFields } from "./delivery-fields.ts";
import { deliveryDocument, deliveryId, deliveryParts } from "./delivery-parts.ts";
import { draftFields } from "./draft-fields.ts";
import { draftDocument, draftId, draftParts } from "./draft-parts.ts";
import { eventFields } from "./event-fields.ts";
import type { Fields } from "./field.ts";
import type { Fold } from "./fold.ts";
import { runFields } from "./run-fields.ts";
import { runDocument, runId, runParts } from "./run-parts.ts";
import { ticketFields } from "./ticket-fields.ts";
import { ticketDocument, ticketId, ticketParts } from "./ticket-parts.ts";

/** A document folded from many events. What its fold holds is known to its own functions alone. */
export interface Collection {
  readonly name: string;
  readonly meaning: string;
  readonly fields: Fields;
  readonly parts: (event: Envelope) => readonly AnyFold[];
  readonly idOf: (is: AnyDocument) => string;
  readonly document: (fold: AnyFold) => AnyDocument;
}
export type AnyDocument = Readonly<Record<string, unknown>>;
export type AnyFold = Fold<AnyDocument>;

const collection = <Document>(declared: {
  name: string;
  meaning: string;
  fields: Fields & { readonly [K in keyof Document]: unknown };
  parts: (event: Envelope) => readonly Fold<Document>[];
  idOf: (is: Document) => string;
  document: (fold: Fold<Document>) => Document;
}): Collection => declared as unknown as Collection;

export const collections: readonly Collection[] = [
  collection({
    name: "tickets",
    meaning: "One document a ticket, as it stands now.",
    fields: ticketFields,
    parts: ticketParts,
    idOf: ticketId,
    document: ticketDocument,
  }),
  collection({
    name: "drafts",
    meaning: "One document a draft: what was proposed for one conversation version, the gate's verdict, the decision.",
    fields: draftFields,
    parts: draftParts,
    idOf: draftId,
    document: draftDocument,
  }),
  collection({
    name: "runs",
    meaning: "One document a run of a model or of retrieval, failed and abstained ones too.",
    fields: runFields,
    parts: runParts,
    idOf: runId,
    document: runDocument,
  }),
  collection({
    name: "deliveries",
    meaning: "One document a webhook delivery that has ended.",
    fields: deliveryFields,
    parts: deliveryParts,
    idOf: deliveryId,
    document: deliveryDocument,
  }),
];

export const events = {
  name: "events",
  meaning: "One document an event, in an index of its own day. Deleted after the days that the installation keeps.",
  fields: eventFields,
} as const;

/** What analysts find, by the last part of its alias. */
export const indexed: readonly Pick<Collection, "name" | "meaning" | "fields">[] = [events, ...collections];

/** The event types that are projected. */
export const projectedTypes = [
  "ai.draft.auto_approved",
  "ai.draft.proposed",
  "ai.draft.retired",
  "ai.draft.review_required",
  "ai.draft.reviewed",
  "ai.run.recorded",
  "audit.recorded",
  "contact.logged",
  "context.retrieved",
  "dead_letter.parked",
  "followup.changed",
  "reply.failed",
  "reply.sent",
  "ticket.changed",
  "ticket.created",
  "ticket.message_added",
  "ticket.triaged",
  "webhook.delivered",
  "webhook.endpoint_disabled",
  "webhook.failed",
] as const satisfies readonly EventType[];

/** Rehearsals of the evaluation, which never count. */
export const isShadow = (tenant: string): boolean => tenant.endsWith("~eval");
