import type { Contact, Draft, FollowUp, StoredDocument, StoredMessage, Ticket } from "./ticket.ts";

/** What one decision changes; `save` merges those of a batch to one write a table row. */
export interface TicketRows {
  readonly tickets?: readonly Ticket[];
  readonly messages?: readonly StoredMessage[];
  readonly undone?: readonly { readonly tenant: string; readonly messageId: string }[];
  readonly drafts?: readonly Draft[];
  readonly documents?: readonly StoredDocument[];
  readonly followUps?: readonly FollowUp[];
  readonly contacts?: readonly Contact[];
  /** The next free number of a business, when this decision took one. */
  readonly counter?: { readonly tenant: string; readonly nextNumber: number };
}

/** Ids of one tenant never reach another's rows: every look-up has the tenant in its key. */
export const keyOf = (tenant: string, id: string): string => `${tenant}\n${id}`;

/** The loaded tickets with all their drafts. It belongs to one batch, so folding changes it in place. */
export interface Book {
  readonly tickets: Map<string, Ticket>;
  /** By ticket, oldest first. */
  readonly drafts: Map<string, Draft[]>;
}

export const draftsOf = (book: Book, ticket: { tenant: string; ticketId: string }): readonly Draft[] =>
  book.drafts.get(keyOf(ticket.tenant, ticket.ticketId)) ?? [];

/** Folds a decision into the book, for the next event of the same batch. */
export function fold<B extends Book>(book: B, rows: TicketRows): B {
  for (const ticket of rows.tickets ?? []) book.tickets.set(keyOf(ticket.tenant, ticket.ticketId), ticket);
  for (const draft of rows.drafts ?? []) {
    const key = keyOf(draft.tenant, draft.ticketId);
    const others = (book.drafts.get(key) ?? []).filter((known) => known.draftId !== draft.draftId);
    book.drafts.set(key, [...others, draft]);
  }
  return book;
}
