import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { ProposalState } from "./proposal-state.ts";
import { keyOf } from "./state.ts";

/** Drafts, by tenant and draft, that were decided about while their conversation stood still for all the gate knew. */
export type CurrentDrafts = ReadonlySet<string>;

/** What the gate has published whose slice was lost. */
export function currentBefore(facts: readonly Envelope[]): CurrentDrafts {
  const current = new Set<string>();
  for (const { data, tenantid, type } of facts)
    if (type === "ai.draft.review_required" || type === "ai.draft.auto_approved") {
      // Both have them, and each has been read under the contract of its type.
      const { draftId, reasons } = data as AiDraftReviewRequired;
      if (!reasons.some(({ rule }) => rule === "stale_version")) current.add(keyOf(tenantid, draftId));
    }
  return current;
}

/**
 * The state without news of the ticket that reached the gate only after it had decided. A recovery cannot tell when
 * news was read that led to no event: it hands them over at the time when the log took them.
 */
export function asKnownThen(
  { data, tenantid }: Envelope<AiDraftProposed>,
  state: ProposalState,
  current: CurrentDrafts,
): ProposalState {
  if (!current.has(keyOf(tenantid, data.draftId))) return state;
  const { conversationVersion, ticketId } = data;
  return {
    ...state,
    tickets: new Map(state.tickets).set(keyOf(tenantid, ticketId), { conversationVersion, closed: false }),
  };
}
