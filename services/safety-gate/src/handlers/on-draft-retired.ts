import { handler } from "@opsdesk/messaging/handler";
import { type RetireRows, type RetireState, afterRetired, decideRetired } from "../decide/retire.ts";
import { type ReviewState, keyOf } from "../decide/state.ts";
import { moveDispositions } from "../store/dispositions.ts";
import { changeReviews, reviewsByDraft } from "../store/reviews.ts";

/** Closes what stood open about a draft that ingest has retired. */
export const onDraftRetired = () =>
  handler<"ai.draft.retired", RetireState, RetireRows>("ai.draft.retired", {
    load: async (read, events) => {
      const reviews = await reviewsByDraft<ReviewState>(
        read,
        events.map(({ tenantid: tenant, data }) => ({ tenant, id: data.draftId })),
      );
      return new Map(reviews.map((review) => [keyOf(review.tenant, review.draftId), review]));
    },
    decide: decideRetired,
    evolve: afterRetired,
    save: (rows) => {
      const reviews = changeReviews(rows.filter(({ closes }) => closes).map(({ review }) => review));
      return {
        writes: [...reviews.writes, moveDispositions(rows.map(({ disposition }) => disposition))],
        guards: reviews.guards,
      };
    },
  });
