import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type Book, type TicketRows, draftsOf, fold } from "../decide/book.ts";
import { keepDraft } from "../decide/keep-draft.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { loadBook, ticketOf, ticketsOf } from "./load-book.ts";

export const onDraftProposed: AnyHandler = handler<"ai.draft.proposed", Book, TicketRows>("ai.draft.proposed", {
  load: (read, events) => loadBook(read, ticketsOf(events)),
  decide: (event, book, { now }) => {
    const ticket = ticketOf(book, event);
    return keepDraft(event.data, ticket, ticket === undefined ? [] : draftsOf(book, ticket), now);
  },
  evolve: fold,
  save: saveTickets,
});
