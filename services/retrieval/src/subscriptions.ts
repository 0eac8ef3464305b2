import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import type { RetrievalPolicy } from "./decide/retrieval-policy.ts";
import { onAdminCommand } from "./handlers/on-admin-command.ts";
import { onKnowledgeSourceSubmitted } from "./handlers/on-knowledge-source-submitted.ts";
import { onTicketTriaged } from "./handlers/on-ticket-triaged.ts";

/** What this service listens to, by handler name: part of the inbox key, so renaming one is a migration. */
export const subscriptions = (desks: Desks, policy: RetrievalPolicy): Readonly<Record<string, AnyHandler>> => ({
  "on-desk-configured": desks.onDeskConfigured,
  "on-knowledge-source-submitted": onKnowledgeSourceSubmitted,
  "on-ticket-triaged": onTicketTriaged(desks, policy),
  "on-admin-command": onAdminCommand,
});
