import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type Book, type TicketRows, draftsOf, fold } from "../decide/book.ts";
import { releaseReply } from "../decide/release-reply.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { loadBook, ticketOf, ticketsOf } from "./load-book.ts";

export const onDraftAutoApproved: AnyHandler = handler<"ai.draft.auto_approved", Book, TicketRows>(
  "ai.draft.auto_approved",
  {
    load: (read, events) => loadBook(read, ticketsOf(events)),
    decide: ({ data, ...event }, book, { now }) => {
      const ticket = ticketOf(book, { ...event, data });
      return releaseReply(
        {
          draftId: data.draftId,
          conversationVersion: data.conversationVersion,
          text: data.draft.text,
          origin: "auto",
          actor: { kind: "service", id: "safety-gate" },
          correlationId: event.correlationid,
        },
        ticket,
        ticket === undefined ? [] : draftsOf(book, ticket),
        now,
      );
    },
    evolve: fold,
    save: saveTickets,
  },
);
