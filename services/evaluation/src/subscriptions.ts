import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import { onAdminCommand } from "./handlers/on-admin-command.ts";
import { onAiRunRecorded } from "./handlers/on-ai-run-recorded.ts";
import { onDeskConfigured } from "./handlers/on-desk-configured.ts";
import { onDraftAutoApproved, onDraftReviewRequired } from "./handlers/on-draft-gated.ts";
import { onDraftRetired, onReplyFailed, onReplySent } from "./handlers/on-reply-settled.ts";
import { onTicketCreated } from "./handlers/on-ticket-created.ts";

/** What this service listens to, by handler name: part of the inbox key, so renaming one is a migration. */
export const subscriptions = (desks: Desks, deadlineSeconds: number): Readonly<Record<string, AnyHandler>> => ({
  "on-desk-configured": onDeskConfigured(desks),
  "on-admin-command": onAdminCommand(desks, deadlineSeconds),
  "on-ticket-created": onTicketCreated(),
  "on-draft-auto-approved": onDraftAutoApproved(desks),
  "on-draft-review-required": onDraftReviewRequired(desks),
  "on-draft-retired": onDraftRetired(),
  "on-reply-sent": onReplySent(),
  "on-reply-failed": onReplyFailed(),
  "on-ai-run-recorded": onAiRunRecorded(),
});
