import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import { type Book, type TicketRows, draftsOf } from "./book.ts";
import { retired, retiredEvent } from "./retire-drafts.ts";
import type { Draft, Ticket } from "./ticket.ts";

export interface SourceChange {
  readonly tenant: string;
  readonly sourceId: string;
  /** Citations of versions below this one no longer hold. */
  readonly below: number;
  readonly detail: string;
}

/** Pending drafts that quote what the source no longer says: nobody should approve them. */
export function retireForSource(change: SourceChange, book: Book, now: string): Outcome<TicketRows> {
  const tickets = [...book.tickets.values()].filter((ticket) => ticket.tenant === change.tenant);
  const falling = tickets.flatMap((ticket) => {
    const drafts = draftsOf(book, ticket).filter((draft) => draft.state === "pending" && quotes(draft, change));
    return drafts.map((draft): { ticket: Ticket; draft: Draft } => ({ ticket, draft }));
  });
  if (falling.length === 0) return ignore("no_pending_draft_cites_it");
  const retirement = { reason: "source_changed", detail: change.detail, now } as const;
  return done({
    rows: {
      tickets: [...new Set(falling.map(({ ticket }) => ticket))].map((ticket) => ({ ...ticket, updatedAt: now })),
      drafts: falling.map(({ draft }) => retired(draft, retirement)),
    },
    events: falling.map(({ ticket, draft }) => retiredEvent(ticket, draft.draftId, retirement)),
  });
}

const quotes = (draft: Draft, { sourceId, below }: SourceChange): boolean =>
  draft.cites.some((cite) => cite.sourceId === sourceId && cite.version < below);
