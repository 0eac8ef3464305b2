import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, handler } from "@opsdesk/messaging/handler";
import { type TicketRows, startTriage } from "../decide/begin-turn.ts";
import { type TicketState, evolveTickets, knownOf, loadTickets, saveTickets } from "./ticket-events.ts";

export const onTicketCreated = (desks: Desks): AnyHandler =>
  handler<"ticket.created", TicketState, TicketRows>("ticket.created", {
    load: (read, events) => loadTickets(read, desks, events),
    decide: (event, state) => startTriage(event.data, knownOf(event, state)),
    evolve: evolveTickets,
    save: saveTickets,
  });
