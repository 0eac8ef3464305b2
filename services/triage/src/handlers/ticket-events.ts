import type { Read } from "@opsdesk/database";
import type { Desks, KnownDesk } from "@opsdesk/desk";
import { type Save, lastBy } from "@opsdesk/messaging/handler";
import type { Known, TicketRows } from "../decide/begin-turn.ts";
import type { Ticket, TicketBody } from "../decide/ticket.ts";
import { contextKey, contextsBy, insertContexts } from "../store/contexts.ts";
import { insertTickets, ticketKey, ticketsBy, ticketsUnchanged, updateTickets } from "../store/tickets.ts";

/** What the handlers of a ticket's events share: the same state, and the same rows to write. */
interface TicketEvent {
  readonly id: string;
  readonly tenantid: string;
  readonly data: { readonly ticketId: string; readonly conversationVersion: number };
}

export interface TicketState {
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly turns: ReadonlySet<string>;
  readonly desks: ReadonlyMap<string, KnownDesk>;
}

const keyOf = ({ data, tenantid }: TicketEvent) => ({
  tenant: tenantid,
  ticketId: data.ticketId,
  conversationVersion: data.conversationVersion,
});

export async function loadTickets(read: Read, desks: Desks, events: readonly TicketEvent[]): Promise<TicketState> {
  const keys = events.map(keyOf);
  return {
    tickets: await ticketsBy<TicketBody>(read, keys),
    turns: new Set((await contextsBy(read, keys)).keys()),
    desks: await desks.byTenant(
      read,
      events.map((event) => event.tenantid),
    ),
  };
}

export const knownOf = (event: TicketEvent, { desks, tickets, turns }: TicketState): Known => ({
  tenant: event.tenantid,
  eventId: event.id,
  desk: desks.get(event.tenantid)?.desk,
  deskVersion: desks.get(event.tenantid)?.version ?? 0,
  ticket: tickets.get(ticketKey(keyOf(event))),
  turnKnown: turns.has(contextKey(keyOf(event))),
});

/** The next event of the batch sees the ticket as this one leaves it; its revision stays that of the row. */
export const evolveTickets = (state: TicketState, { ticket, turn }: TicketRows): TicketState => ({
  ...state,
  tickets: new Map(state.tickets).set(ticketKey(ticket), ticket),
  turns: turn === undefined ? state.turns : new Set(state.turns).add(contextKey(turn)),
});

export function saveTickets(rows: readonly TicketRows[]): Save {
  const fresh = new Set(rows.filter((row) => row.isNew).map((row) => ticketKey(row.ticket)));
  const last = lastBy(
    rows.map((row) => row.ticket),
    ticketKey,
  );
  const inserted = last.filter((ticket) => fresh.has(ticketKey(ticket)));
  const updated = last.filter((ticket) => !fresh.has(ticketKey(ticket)));
  const turns = insertContexts(rows.flatMap(({ turn }) => turn ?? []));
  const guards = updated.length === 0 ? [] : [{ held: ticketsUnchanged(updated), count: updated.length }];
  if (updated.length === 0) return { writes: [insertTickets(inserted), turns], guards };
  return {
    writes:
      inserted.length === 0
        ? [updateTickets(updated), turns]
        : [insertTickets(inserted), updateTickets(updated), turns],
    guards,
  };
}
