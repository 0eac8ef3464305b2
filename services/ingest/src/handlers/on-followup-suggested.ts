import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type TicketRows, fold } from "../decide/book.ts";
import { noteSuggestion } from "../decide/note-suggestion.ts";
import type { Businesses } from "../store/businesses.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { type BookWithDesks, loadBookWithDesks, ticketOf, ticketsOf } from "./load-book.ts";

export const onFollowupSuggested = (businesses: Businesses): AnyHandler =>
  handler<"followup.suggested", BookWithDesks, TicketRows>("followup.suggested", {
    load: (read, events) => loadBookWithDesks(read, businesses, ticketsOf(events)),
    decide: (event, state, { now }) =>
      noteSuggestion(event.data, ticketOf(state, event), state.desks.get(event.tenantid), now),
    evolve: fold,
    save: saveTickets,
  });
