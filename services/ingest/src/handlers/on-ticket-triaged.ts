import { type AnyHandler, handler } from "@opsdesk/messaging";
import { applyTriage } from "../decide/apply-triage.ts";
import { type TicketRows, fold } from "../decide/book.ts";
import type { Businesses } from "../store/businesses.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { type BookWithDesks, loadBookWithDesks, ticketOf, ticketsOf } from "./load-book.ts";

export const onTicketTriaged = (businesses: Businesses): AnyHandler =>
  handler<"ticket.triaged", BookWithDesks, TicketRows>("ticket.triaged", {
    load: (read, events) => loadBookWithDesks(read, businesses, ticketsOf(events)),
    decide: (event, state, { now }) =>
      applyTriage(event.data, ticketOf(state, event), state.desks.get(event.tenantid), now),
    evolve: fold,
    save: saveTickets,
  });
