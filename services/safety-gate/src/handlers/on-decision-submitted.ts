import type { Desks as DeskCopies } from "@opsdesk/desk";
import { handler } from "@opsdesk/messaging/handler";
import { type DecisionRows, type DecisionState, afterDecision, decideDecision } from "../decide/decision.ts";
import type { DecisionLinks } from "../decide/links.ts";
import { type ReviewState, keyOf } from "../decide/state.ts";
import { AUDIT_TURN, appendAudit, auditHeads } from "../store/audit.ts";
import { decisionsTaken, recordDecisions } from "../store/decisions.ts";
import { moveDispositions } from "../store/dispositions.ts";
import { ticketsKnown } from "../store/known-tickets.ts";
import { changeReviews, reviewsById } from "../store/reviews.ts";

/** A person's decision about a draft, from the console or by a decision link. */
export const onDecisionSubmitted = (desks: DeskCopies, links: DecisionLinks) =>
  handler<"draft.decision_submitted", DecisionState, DecisionRows>("draft.decision_submitted", {
    load: async (read, events) => {
      const tenants = events.map(({ tenantid }) => tenantid);
      const asked = events.map(({ tenantid: tenant, data }) => ({
        tenant,
        id: data.reviewId,
        ticketId: data.ticketId,
        decisionId: data.decisionId,
      }));
      const reviews = await reviewsById<ReviewState>(read, asked);
      return {
        desks: await desks.byTenant(read, tenants),
        reviews: new Map(reviews.map((review) => [keyOf(review.tenant, review.reviewId), review])),
        taken: await decisionsTaken(read, asked),
        tickets: await ticketsKnown(read, asked),
        heads: await auditHeads(read, tenants),
      };
    },
    decide: (event, state, { now }) => decideDecision(event, state, { now, links }),
    evolve: afterDecision,
    save: (rows) => {
      const reviews = changeReviews(rows.flatMap((row) => row.review ?? []));
      const audit = appendAudit(rows.map((row) => row.audit));
      return {
        writes: [
          recordDecisions(rows.map((row) => row.decision)),
          moveDispositions(rows.flatMap((row) => row.disposition ?? [])),
          ...reviews.writes,
          ...audit.writes,
        ],
        guards: [...reviews.guards, ...audit.guards],
      };
    },
    turn: AUDIT_TURN,
  });
