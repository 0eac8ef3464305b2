import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { Actor } from "@opsdesk/schemas/common";
import type { TicketChanged } from "@opsdesk/schemas/ticket-changed";
import { type Ticket, refOf } from "./ticket.ts";

/** `ticket` as it stands after the change. */
export const changedEvent = (
  ticket: Ticket,
  change: TicketChanged["change"],
  actor: Actor,
  before: TicketChanged["before"],
  after: TicketChanged["after"],
): NewEvent => ({
  type: "ticket.changed",
  key: ticket.ticketId,
  // One cause can change a ticket in two ways, and two tickets at once (a merge).
  ordinal: `${ticket.ticketId}:${change}`,
  data: { ...refOf(ticket), actor, change, before, after } satisfies TicketChanged,
});
