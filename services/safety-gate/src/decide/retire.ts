import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftRetired } from "@opsdesk/schemas/ai-draft-retired";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type DispositionMove, type ReviewState, keyOf } from "./state.ts";

/** Reviews by tenant and draft id. */
export type RetireState = ReadonlyMap<string, ReviewState>;

export interface RetireRows {
  readonly review: ReviewState;
  /** Whether the review itself changes; its disposition may move without it. */
  readonly closes: boolean;
  readonly disposition: DispositionMove;
}

/** Closes the review of a draft that no longer stands. A release that ingest refused leaves the disposition `refused`. */
export function decideRetired(event: Envelope<AiDraftRetired>, reviews: RetireState): Outcome<RetireRows> {
  const { tenantid: tenant, data } = event;
  const review = reviews.get(keyOf(tenant, data.draftId));
  // Ingest retires only drafts that were proposed, so the proposal is on its way.
  if (review === undefined)
    return defer("draft_not_known", {
      until: `draft:${tenant}:${data.draftId}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: 3_600,
    });
  if (review.status === "retired") return ignore("already_retired");
  const closes = review.status !== "decided";
  return done({
    rows: {
      review: closes ? { ...review, version: review.version + 1, status: "retired" } : review,
      closes,
      disposition: {
        tenant,
        draftId: data.draftId,
        to: data.reason === "apply_refused" ? "refused" : "retired",
        reason: data.reason,
      },
    },
  });
}

/** What the next retirement of a batch sees. */
export const afterRetired = (reviews: RetireState, { review }: RetireRows): RetireState =>
  new Map(reviews).set(keyOf(review.tenant, review.draftId), review);
