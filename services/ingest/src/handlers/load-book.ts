import type { Read } from "@opsdesk/database";
import { type Book, fold, keyOf } from "../decide/book.ts";
import type { DeskView } from "../decide/desk-view.ts";
import type { Draft, Ticket } from "../decide/ticket.ts";
import type { Businesses } from "../store/businesses.ts";
import { loadTickets } from "../store/load-tickets.ts";
import type { DraftRow, TicketRow, Wanted } from "../store/rows.ts";

/** Stored values were decided here once, so they have the types that decisions give them. */
export const toBook = ({ tickets, drafts }: { tickets: readonly TicketRow[]; drafts: readonly DraftRow[] }): Book =>
  fold(
    { tickets: new Map(), drafts: new Map() },
    { tickets: tickets as readonly Ticket[], drafts: drafts as readonly Draft[] },
  );

/** The tickets that a batch of events is about, as decisions see them. */
export const loadBook = async (read: Read, wanted: readonly Wanted[]): Promise<Book> =>
  toBook(await loadTickets(read, wanted));

export interface BookWithDesks extends Book {
  readonly desks: ReadonlyMap<string, DeskView>;
}

export async function loadBookWithDesks(
  read: Read,
  businesses: Businesses,
  wanted: readonly Wanted[],
): Promise<BookWithDesks> {
  const book = await loadBook(read, wanted);
  return {
    ...book,
    desks: await businesses.byTenant(
      read,
      wanted.map((one) => one.tenant),
    ),
  };
}

/** The ticket that an event names: only within the event's own tenant. */
export const ticketOf = (book: Book, event: { tenantid: string; data: { ticketId: string } }): Ticket | undefined =>
  book.tickets.get(keyOf(event.tenantid, event.data.ticketId));

export const ticketsOf = (events: readonly { tenantid: string; data: { ticketId: string } }[]): readonly Wanted[] =>
  events.map((event) => ({ tenant: event.tenantid, id: event.data.ticketId }));
