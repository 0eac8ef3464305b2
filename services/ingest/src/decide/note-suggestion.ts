import { type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { FollowupSuggested } from "@opsdesk/schemas/followup-suggested";
import type { TicketRows } from "./book.ts";
import type { DeskView } from "./desk-view.ts";
import { type Ticket, isClosed } from "./ticket.ts";

/** A suggestion is kept beside the ticket until a person takes it up; `followup.suggested` itself has told everyone. */
export function noteSuggestion(
  suggested: FollowupSuggested,
  ticket: Ticket | undefined,
  view: DeskView | undefined,
  now: string,
): Outcome<TicketRows> {
  if (ticket === undefined) return reject("ticket_unknown", `there is no ticket ${suggested.ticketId}`);
  if (isClosed(ticket)) return ignore("ticket_closed");
  return done({
    rows: {
      followUps: [
        {
          tenant: ticket.tenant,
          followUpId: suggested.suggestionId,
          ticketId: ticket.ticketId,
          title: suggested.title,
          ownerId: suggested.ownerId ?? ticket.assigneeId ?? view?.desk.leadId ?? "unassigned",
          dueAt: suggested.dueAt,
          status: "suggested",
          reason: suggested.reason,
          at: now,
          doneAt: null,
        },
      ],
    },
  });
}
