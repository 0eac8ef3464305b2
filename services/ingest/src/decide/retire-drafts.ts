import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { AiDraftRetired } from "@opsdesk/schemas/ai-draft-retired";
import { cut } from "./clip-text.ts";
import { type Draft, type Ticket, refOf } from "./ticket.ts";

export interface Retirement {
  readonly reason: AiDraftRetired["reason"];
  readonly detail?: string;
  readonly supersededBy?: string;
  readonly now: string;
}

export const retiredEvent = (ticket: Ticket, draftId: string, retirement: Omit<Retirement, "now">): NewEvent => ({
  type: "ai.draft.retired",
  key: ticket.ticketId,
  // Several drafts may fall with one cause, and a redelivered cause must name them the same way.
  ordinal: draftId,
  data: {
    ...refOf(ticket),
    draftId,
    reason: retirement.reason,
    ...(retirement.detail === undefined ? {} : { detail: cut(retirement.detail, 300) }),
    supersededBy: retirement.supersededBy ?? null,
  } satisfies AiDraftRetired,
});

export const retired = (draft: Draft, { reason, now }: Retirement): Draft => ({
  ...draft,
  state: "retired",
  retiredReason: reason,
  settledAt: now,
});

/** Retires every pending draft of a ticket. `ticket` is the ticket as it stands after what retires them. */
export function retirePending(
  ticket: Ticket,
  drafts: readonly Draft[],
  retirement: Retirement,
): { drafts: readonly Draft[]; events: readonly NewEvent[] } {
  const pending = drafts.filter((draft) => draft.state === "pending" && draft.draftId !== retirement.supersededBy);
  return {
    drafts: pending.map((draft) => retired(draft, retirement)),
    events: pending.map((draft) => retiredEvent(ticket, draft.draftId, retirement)),
  };
}
