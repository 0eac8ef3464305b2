import { job } from "@opsdesk/messaging";
import { decideRelease, decideUnreleased } from "../decide/release.ts";
import { type ReviewState, keyOf } from "../decide/state.ts";
import { changeReviews, reviewsById } from "../store/reviews.ts";

interface Release {
  readonly reviewId: string;
  readonly decisionId: string;
}

type Reviews = ReadonlyMap<string, ReviewState>;

/** Ends the undo window of an approval. */
export const draftRelease = () =>
  job<Release, Reviews, ReviewState>("draft.release", {
    load: async (read, jobs) => {
      const reviews = await reviewsById<ReviewState>(
        read,
        jobs.map(({ tenant, data }) => ({ tenant, id: data.reviewId })),
      );
      return new Map(reviews.map((review) => [keyOf(review.tenant, review.reviewId), review]));
    },
    run: ({ tenant, data }, reviews) => decideRelease(reviews.get(keyOf(tenant, data.reviewId)), data.decisionId),
    save: changeReviews,
    exhausted: ({ tenant, data }, _error, reviews) =>
      decideUnreleased(reviews.get(keyOf(tenant, data.reviewId)), data.decisionId),
    retry: { limit: 10, delaySeconds: 1, delaySecondsMax: 60, timeoutSeconds: 30 },
    concurrency: 4,
  });
