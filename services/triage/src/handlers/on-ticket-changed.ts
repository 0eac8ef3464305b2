import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import { type ChangeRows, changeTicket } from "../decide/change-ticket.ts";
import type { Ticket, TicketBody } from "../decide/ticket.ts";
import { insertExamples } from "../store/examples.ts";
import { ticketKey, ticketsBy, ticketsUnchanged, updateTickets } from "../store/tickets.ts";

type State = ReadonlyMap<string, Ticket>;

export const onTicketChanged = (): AnyHandler =>
  handler<"ticket.changed", State, ChangeRows>("ticket.changed", {
    load: (read, events) =>
      ticketsBy<TicketBody>(
        read,
        events.map(({ data, tenantid }) => ({ tenant: tenantid, ticketId: data.ticketId })),
      ),
    decide: ({ data, tenantid, time }, tickets) =>
      changeTicket(data, tickets.get(ticketKey({ tenant: tenantid, ticketId: data.ticketId })), tenantid, time),
    evolve: (tickets, { ticket }) => (ticket === undefined ? tickets : new Map(tickets).set(ticketKey(ticket), ticket)),
    save: (rows) => {
      const tickets = lastBy(
        rows.flatMap(({ ticket }) => ticket ?? []),
        ticketKey,
      );
      const lessons = lastBy(
        rows.flatMap(({ lesson }) => lesson ?? []),
        (lesson) => `${lesson.tenant}/${lesson.textHash}`,
      );
      return {
        writes: [updateTickets(tickets), insertExamples(lessons)],
        guards: tickets.length === 0 ? [] : [{ held: ticketsUnchanged(tickets), count: tickets.length }],
      };
    },
  });
