import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { TicketChanged } from "@opsdesk/schemas/ticket-changed";
import { awaitTicket } from "./begin-turn.ts";
import { type Lesson, lessonFrom } from "./learn.ts";
import { newestWords } from "./conversation.ts";
import type { Ticket } from "./ticket.ts";

export interface ChangeRows {
  readonly ticket?: Ticket;
  readonly lesson?: Lesson;
}

/**
 * Closing and merging end what waits for triage; a reopened ticket is open again. Any change may raise the
 * conversation version, which outdates a draft. A person's choice of category is a lesson for the router.
 */
export function changeTicket(
  changed: TicketChanged,
  ticket: Ticket | undefined,
  tenant: string,
  at: string,
): Outcome<ChangeRows> {
  if (ticket === undefined) return awaitTicket(changed.ticketId);
  if (changed.change === "category") return learned(changed, ticket, tenant, at);
  const opens = changed.change === "reopened";
  const closes = changed.change === "closed" || changed.change === "merged";
  const newer = (opens || closes) && changed.aggregateVersion > ticket.body.statusVersion;
  if (!newer && changed.conversationVersion <= ticket.conversationVersion) return ignore("no_concern_of_triage");
  return done({
    rows: {
      ticket: {
        ...ticket,
        closed: newer ? closes : ticket.closed,
        conversationVersion: Math.max(ticket.conversationVersion, changed.conversationVersion),
        body: {
          ...ticket.body,
          aggregateVersion: Math.max(ticket.body.aggregateVersion, changed.aggregateVersion),
          statusVersion: newer ? changed.aggregateVersion : ticket.body.statusVersion,
        },
      },
    },
  });
}

function learned(
  { actor, after, before, conversationVersion }: TicketChanged,
  ticket: Ticket,
  tenant: string,
  at: string,
): Outcome<ChangeRows> {
  if (actor.kind !== "person") return ignore("not_a_person");
  if (after.categoryId === undefined || after.categoryId === null || after.categoryId === before.categoryId)
    return ignore("category_unchanged");
  const lesson = lessonFrom({
    tenant,
    categoryId: after.categoryId,
    subject: ticket.body.facts.subject,
    text: newestWords(ticket, conversationVersion),
    at,
  });
  return lesson === undefined ? ignore("nothing_to_learn") : done({ rows: { lesson } });
}
