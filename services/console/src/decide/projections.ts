import type { EventType } from "@opsdesk/schemas";
import { contextRetrieved, draftProposed, followupSuggested, runRecorded, ticketTriaged } from "./project-ai.ts";
import { decisionRefused, draftAutoApproved, draftRetired, draftReviewed, reviewRequired } from "./project-review.ts";
import {
  contactLogged,
  documentExtracted,
  followupChanged,
  replyFailed,
  replySent,
  ticketChanged,
  ticketCreated,
  ticketMessageAdded,
} from "./project-ticket.ts";
import { webhookDelivered, webhookFailed } from "./project-webhook.ts";
import { type Projection, projection } from "./projection.ts";

/** Kept as it came: it says nothing about a ticket that another event does not say. */
const keptOnly = (type: EventType): Projection => projection(type, {}, () => ({}));

/** Every event that the console hears, and what it does to the read model. */
export const PROJECTIONS: readonly Projection[] = [
  ticketCreated,
  ticketMessageAdded,
  ticketChanged,
  documentExtracted,
  contactLogged,
  replySent,
  replyFailed,
  followupChanged,
  followupSuggested,
  ticketTriaged,
  contextRetrieved,
  draftProposed,
  runRecorded,
  reviewRequired,
  draftAutoApproved,
  draftReviewed,
  draftRetired,
  decisionRefused,
  webhookDelivered,
  webhookFailed,
  // Comes with ticket.created or ticket.message_added, which say more.
  keptOnly("enquiry.accepted"),
  keptOnly("enquiry.rejected"),
  keptOnly("command.refused"),
  keptOnly("dead_letter.parked"),
  keptOnly("evaluation.completed"),
  keptOnly("knowledge.source_indexed"),
  keptOnly("knowledge.source_retired"),
  keptOnly("rollout.changed"),
  keptOnly("router.trained"),
  keptOnly("webhook.endpoint_disabled"),
  // The desk itself is in `desks`; its people and key fingerprints are not for whoever reads events.
  projection(
    "desk.configured",
    {},
    () => ({}),
    ({ data: { desk: _kept, ...data }, ...event }) => ({ ...event, data }),
  ),
];
