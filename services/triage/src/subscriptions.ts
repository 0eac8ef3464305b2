import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging/handler";
import { onContextRetrieved } from "./handlers/on-context-retrieved.ts";
import { onDocumentExtracted } from "./handlers/on-document-extracted.ts";
import { onDraftRetired } from "./handlers/on-draft-retired.ts";
import { onDraftReviewed } from "./handlers/on-draft-reviewed.ts";
import { onExamplesSubmitted } from "./handlers/on-examples-submitted.ts";
import { onTicketChanged } from "./handlers/on-ticket-changed.ts";
import { onTicketCreated } from "./handlers/on-ticket-created.ts";
import { onTicketMessageAdded } from "./handlers/on-ticket-message-added.ts";

/** What triage listens to. The names are part of the inbox's keys. */
export const subscriptions = (desks: Desks): Readonly<Record<string, AnyHandler>> => ({
  "on-desk-configured": desks.onDeskConfigured,
  "on-ticket-created": onTicketCreated(desks),
  "on-ticket-message-added": onTicketMessageAdded(desks),
  "on-ticket-changed": onTicketChanged(),
  "on-document-extracted": onDocumentExtracted(desks),
  "on-context-retrieved": onContextRetrieved(),
  "on-draft-reviewed": onDraftReviewed(),
  "on-draft-retired": onDraftRetired(),
  "on-examples-submitted": onExamplesSubmitted(desks),
});
