import type { CommandContext, CommandResult } from "../apply-command.ts";
import { draftsOf, keyOf } from "../book.ts";
import { changedEvent } from "../changed-event.ts";
import { retirePending } from "../retire-drafts.ts";
import { type Ticket, isClosed } from "../ticket.ts";

/** Two tickets of one matter become one: the first is closed and points to the second, whose conversation has changed. */
export function merge(ticket: Ticket, intoTicketId: string, { asked, state, now }: CommandContext): CommandResult {
  if (intoTicketId === ticket.ticketId)
    return { code: "merge_into_itself", message: "a ticket cannot be merged into itself" };
  const target = state.tickets.get(keyOf(asked.tenant, intoTicketId));
  if (target === undefined) return { code: "ticket_unknown", message: `there is no ticket ${intoTicketId}` };
  // Only a ticket that stands for itself: chains stay short and circles impossible.
  if (target.mergedInto !== null)
    return { code: "ticket_merged", message: `ticket ${intoTicketId} was itself merged into ${target.mergedInto}` };
  if (isClosed(target)) return { code: "ticket_closed", message: `ticket ${intoTicketId} is ${target.status}` };
  const { actor } = asked.data;
  const merged: Ticket = {
    ...ticket,
    status: "closed",
    snoozedUntil: null,
    mergedInto: intoTicketId,
    aggregateVersion: ticket.aggregateVersion + 1,
  };
  const kept: Ticket = {
    ...target,
    aggregateVersion: target.aggregateVersion + 1,
    conversationVersion: target.conversationVersion + 1,
    updatedAt: now,
  };
  const ofMerged = retirePending(merged, draftsOf(state, ticket), {
    reason: "ticket_closed",
    detail: `merged into ${target.reference}`,
    now,
  });
  const ofKept = retirePending(kept, draftsOf(state, target), {
    reason: "newer_message",
    detail: `${ticket.reference} was merged into it`,
    now,
  });
  return {
    ticket: merged,
    others: [kept],
    rows: { drafts: [...ofMerged.drafts, ...ofKept.drafts] },
    events: [
      changedEvent(
        merged,
        "merged",
        actor,
        { status: ticket.status, mergedInto: null },
        { status: "closed", mergedInto: intoTicketId },
      ),
      // Empty before and after: only its versions moved, and readers must see that they did.
      changedEvent(kept, "merged", actor, {}, {}),
      ...ofMerged.events,
      ...ofKept.events,
    ],
  };
}
