import { type NewEvent, type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftReviewed } from "@opsdesk/schemas/ai-draft-reviewed";
import type { ReviewOutcome, ReviewState } from "./state.ts";

/** What everyone is told of a decision that stands. */
export function reviewedEvent(review: ReviewState, outcome: ReviewOutcome): NewEvent {
  const { edit, note, openedAt } = outcome;
  const data: AiDraftReviewed = {
    ticketId: review.ticketId,
    reference: review.reference,
    aggregateVersion: review.aggregateVersion,
    conversationVersion: review.conversationVersion,
    reviewId: review.reviewId,
    draftId: review.draftId,
    decisionId: outcome.decisionId,
    decision: outcome.decision,
    actor: outcome.actor,
    via: outcome.via,
    text: outcome.text,
    sentences: outcome.sentences,
    edit:
      edit === null
        ? null
        : {
            draft: edit.draft,
            final: edit.final,
            sentencesKept: edit.kept.length,
            sentencesAdded: edit.added.length,
            sentencesRemoved: edit.removed.length,
          },
    ...(note === null ? {} : { note }),
    ...(openedAt === null ? {} : { openedAt }),
    decidedAt: outcome.decidedAt,
    openedEvidence: outcome.openedEvidence,
    categoryId: review.categoryId,
    fingerprint: review.fingerprint,
  };
  return { type: "ai.draft.reviewed", key: review.ticketId, data };
}

/** The end of the undo window: the approval goes out, unless it was undone, retired or replaced meanwhile. */
export function decideRelease(review: ReviewState | undefined, decisionId: string): Outcome<ReviewState> {
  if (review?.status !== "approved_waiting" || review.outcome?.decisionId !== decisionId)
    return ignore("not_waiting_any_more");
  return done({
    rows: { ...review, version: review.version + 1, status: "decided" },
    events: [reviewedEvent(review, review.outcome)],
  });
}

/** A release that could not be made: the draft waits for a person again rather than for nobody. */
export function decideUnreleased(review: ReviewState | undefined, decisionId: string): Outcome<ReviewState> {
  if (review?.status !== "approved_waiting" || review.outcome?.decisionId !== decisionId)
    return ignore("not_waiting_any_more");
  return done({ rows: { ...review, version: review.version + 1, status: "pending", outcome: null } });
}
