import type { Desks } from "@opsdesk/desk";
import type { AnyHandler } from "@opsdesk/messaging";
import type { CurrentDrafts } from "./decide/decided-before.ts";
import type { DecisionLinks } from "./decide/links.ts";
import { onAdminCommand } from "./handlers/on-admin-command.ts";
import { onAuditRecorded } from "./handlers/on-audit-recorded.ts";
import { onContactLogged } from "./handlers/on-contact-logged.ts";
import { onDecisionSubmitted } from "./handlers/on-decision-submitted.ts";
import { onDraftProposed } from "./handlers/on-draft-proposed.ts";
import { onDraftRetired } from "./handlers/on-draft-retired.ts";
import { onSourceIndexed } from "./handlers/on-source-indexed.ts";
import { onSourceRetired } from "./handlers/on-source-retired.ts";
import { onTicketChanged } from "./handlers/on-ticket-changed.ts";
import { onTicketMessageAdded } from "./handlers/on-ticket-message-added.ts";

/** Every event that the gate listens to. The names are part of the inbox key. */
export const subscriptions = (
  desks: Desks,
  links: DecisionLinks,
  publicUrl: string,
  before: () => CurrentDrafts,
): Readonly<Record<string, AnyHandler>> => ({
  "on-desk-configured": desks.onDeskConfigured,
  "on-draft-proposed": onDraftProposed({ desks, links, publicUrl, before }),
  "on-decision-submitted": onDecisionSubmitted(desks, links),
  "on-draft-retired": onDraftRetired(),
  "on-ticket-message-added": onTicketMessageAdded(),
  "on-ticket-changed": onTicketChanged(),
  "on-source-indexed": onSourceIndexed(),
  "on-source-retired": onSourceRetired(),
  "on-admin-command": onAdminCommand(desks),
  "on-audit-recorded": onAuditRecorded(),
  "on-contact-logged": onContactLogged(),
});
