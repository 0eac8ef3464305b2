import type { Desks } from "@opsdesk/desk";
import { type AnyHandler, handler } from "@opsdesk/messaging/handler";
import { type TicketRows, readDocument } from "../decide/begin-turn.ts";
import { type TicketState, evolveTickets, knownOf, loadTickets, saveTickets } from "./ticket-events.ts";

export const onDocumentExtracted = (desks: Desks): AnyHandler =>
  handler<"document.extracted", TicketState, TicketRows>("document.extracted", {
    load: (read, events) => loadTickets(read, desks, events),
    decide: (event, state) => readDocument(event.data, knownOf(event, state)),
    evolve: evolveTickets,
    save: saveTickets,
  });
