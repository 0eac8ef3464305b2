import type { NewEvent } from "@opsdesk/messaging/outcome";
import { type Book, type TicketRows, draftsOf } from "./book.ts";
import { changedEvent } from "./changed-event.ts";
import { type DeskView, targetOf } from "./desk-view.ts";
import { messageAdded } from "./post-message.ts";
import { retirePending } from "./retire-drafts.ts";
import { type StoredMessage, type Ticket, isClosed, minutesAfter } from "./ticket.ts";

/** A customer writes again: the ticket is open, waits for an answer, and whatever was proposed before is out of date. */
export function continueTicket(
  ticket: Ticket,
  book: Book,
  message: StoredMessage,
  { desk }: DeskView,
  now: string,
): { ticket: Ticket; rows: TicketRows; events: readonly NewEvent[] } {
  const reopened: Ticket = isClosed(ticket)
    ? { ...ticket, status: "open", aggregateVersion: ticket.aggregateVersion + 1 }
    : ticket;
  const next: Ticket = {
    ...reopened,
    status: "open",
    snoozedUntil: null,
    // A deadline that runs keeps running; one that was met begins again with the new question.
    ...(ticket.respondedAt === null
      ? {}
      : { respondedAt: null, responseDueAt: minutesAfter(now, targetOf(desk, ticket.priority)) }),
    lastMessageId: message.messageId,
    lastMessageKind: "customer",
    lastCustomerAutomatic: message.automatic,
    aggregateVersion: reopened.aggregateVersion + 1,
    conversationVersion: ticket.conversationVersion + 1,
    updatedAt: now,
  };
  const fallen = retirePending(next, draftsOf(book, ticket), { reason: "newer_message", now });
  const byRule = { kind: "service", id: "ingest" } as const;
  return {
    ticket: next,
    rows: { tickets: [next], messages: [message], drafts: fallen.drafts },
    events: [
      ...(reopened === ticket
        ? []
        : [changedEvent(reopened, "reopened", byRule, { status: ticket.status }, { status: "open" })]),
      messageAdded(next, message),
      ...fallen.events,
    ],
  };
}
