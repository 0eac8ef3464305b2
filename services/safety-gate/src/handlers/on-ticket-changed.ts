import { handler } from "@opsdesk/messaging/handler";
import { type TicketNews, ticketChanged } from "../decide/ticket-news.ts";
import { rememberTickets } from "../store/known-tickets.ts";

/** Nothing is sent by itself on a ticket that has been closed or merged away. */
export const onTicketChanged = () =>
  handler<"ticket.changed", undefined, TicketNews>("ticket.changed", {
    decide: ticketChanged,
    save: (rows) => ({ writes: [rememberTickets(rows)] }),
  });
