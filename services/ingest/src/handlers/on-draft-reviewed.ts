import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type Book, type TicketRows, draftsOf, fold } from "../decide/book.ts";
import { settleReview } from "../decide/settle-review.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { loadBook, ticketOf, ticketsOf } from "./load-book.ts";

export const onDraftReviewed: AnyHandler = handler<"ai.draft.reviewed", Book, TicketRows>("ai.draft.reviewed", {
  load: (read, events) => loadBook(read, ticketsOf(events)),
  decide: (event, book, { now }) => {
    const ticket = ticketOf(book, event);
    return settleReview(
      event.data,
      event.correlationid,
      ticket,
      ticket === undefined ? [] : draftsOf(book, ticket),
      now,
    );
  },
  evolve: fold,
  save: saveTickets,
});
