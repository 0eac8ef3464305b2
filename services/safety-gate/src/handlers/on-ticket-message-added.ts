import { handler } from "@opsdesk/messaging/handler";
import { type MessageRows, messageAdded } from "../decide/ticket-news.ts";
import { moveDispositions } from "../store/dispositions.ts";
import { rememberTickets } from "../store/known-tickets.ts";

/** A reply made from a draft is the proof that its disposition was applied; every message may make a draft stale. */
export const onTicketMessageAdded = () =>
  handler<"ticket.message_added", undefined, MessageRows>("ticket.message_added", {
    decide: messageAdded,
    save: (rows) => ({
      writes: [
        rememberTickets(rows.map(({ ticket }) => ticket)),
        moveDispositions(rows.flatMap(({ disposition }) => disposition ?? [])),
      ],
    }),
  });
