import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, handler } from "@opsdesk/messaging/handler";
import { type TicketRows, continueConversation } from "../decide/begin-turn.ts";
import { type TicketState, evolveTickets, knownOf, loadTickets, saveTickets } from "./ticket-events.ts";

export const onTicketMessageAdded = (desks: Desks): AnyHandler =>
  handler<"ticket.message_added", TicketState, TicketRows>("ticket.message_added", {
    load: (read, events) => loadTickets(read, desks, events),
    decide: (event, state) => continueConversation(event.data, knownOf(event, state)),
    evolve: evolveTickets,
    save: saveTickets,
  });
