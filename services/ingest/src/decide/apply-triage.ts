import { type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import type { TicketRows } from "./book.ts";
import { type DeskView, targetOf } from "./desk-view.ts";
import { type Ticket, isClosed, minutesAfter } from "./ticket.ts";

/**
 * Category and priority as triage sees them, onto the ticket: never over a person's choice, never from an older
 * conversation version, never a category that the desk does not have. `ticket.triaged` has told everyone already,
 * so no event says it again and no version that others know moves.
 */
export function applyTriage(
  triaged: TicketTriaged,
  ticket: Ticket | undefined,
  view: DeskView | undefined,
  now: string,
): Outcome<TicketRows> {
  if (ticket === undefined) return reject("ticket_unknown", `there is no ticket ${triaged.ticketId}`);
  if (triaged.outcome !== "triaged") return ignore(`triage_${triaged.outcome}`);
  if (triaged.conversationVersion <= ticket.triagedVersion) return ignore("older_triage");
  if (isClosed(ticket)) return ignore("ticket_closed");
  const inDesk = view?.desk.categories.some((category) => category.id === triaged.categoryId) ?? false;
  const setsCategory = ticket.categoryBy !== "person" && inDesk;
  const setsPriority = ticket.priorityBy !== "person";
  return done({
    rows: {
      tickets: [
        {
          ...ticket,
          triagedVersion: triaged.conversationVersion,
          ...(setsCategory ? { categoryId: triaged.categoryId, categoryBy: "triage" as const } : {}),
          ...(setsPriority
            ? { priority: triaged.priority, priorityBy: "triage" as const, ...dueWith(triaged.priority, ticket, view) }
            : {}),
          updatedAt: now,
        },
      ],
    },
  });
}

/** The deadline under another priority, counted from where the present one began. */
export function dueWith(
  priority: Ticket["priority"],
  ticket: Ticket,
  view: DeskView | undefined,
): Pick<Ticket, "responseDueAt"> {
  if (view === undefined || ticket.respondedAt !== null || priority === ticket.priority)
    return { responseDueAt: ticket.responseDueAt };
  return {
    responseDueAt: minutesAfter(
      ticket.responseDueAt,
      targetOf(view.desk, priority) - targetOf(view.desk, ticket.priority),
    ),
  };
}
