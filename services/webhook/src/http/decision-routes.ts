import type { Database } from "@opsdesk/database";
import { contentHash, prefixedId, sha256Hex } from "@opsdesk/identity";
import { type Clock, type Publish, isoTime } from "@opsdesk/messaging";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import { firstDecision, linksOf } from "../store/links.ts";
import { refusal } from "./refusal.ts";
import { DecisionAnswer, DecisionBody, DecisionQuery } from "./shapes.ts";

export interface DecisionPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly publish: Publish;
}

const ReviewParams = Type.Object({ reviewId: Type.String({ minLength: 1, maxLength: 200 }) });

/**
 * `/v1/decisions/{reviewId}`: a decision by whoever holds the link. Only the token that was sent out gets further; the
 * gate then checks its signature and that the review still waits. A link carries one decision: the same again is
 * answered alike, another is refused.
 */
export function decisionRoutes(app: App, { database, clock, publish }: DecisionPorts): void {
  app.post(
    "/v1/decisions/:reviewId",
    {
      config: { scope: "public" },
      bodyLimit: 131_072,
      schema: {
        params: ReviewParams,
        querystring: DecisionQuery,
        body: DecisionBody,
        response: { 202: DecisionAnswer },
      },
    },
    async (request, reply) => {
      const { reviewId } = request.params;
      const { token = request.query.token, ...decided } = request.body;
      if (token === undefined) throw refusal("arguments_invalid", "Send the token of the decision link.");
      if (decided.decision === "edit" && decided.text === undefined)
        throw refusal("arguments_invalid", "An edit needs the whole text.");
      const links = await linksOf(database, reviewId);
      if (links.length === 0) throw refusal("review_not_found", "There is no review with a decision link of this id.");
      // Of hashes, so that the time it takes says nothing about the token.
      const link = links.find(({ tokenHash }) => tokenHash === sha256Hex(token));
      if (link === undefined) throw refusal("decision_token_unknown", "This token does not belong to this review.");
      if (link.expiresAt !== null && link.expiresAt.getTime() <= clock.now())
        throw refusal("decision_link_expired", "The decision link has expired.");

      const { fingerprint = link.fingerprint, ...said } = decided;
      const hash = contentHash({ ...said, fingerprint });
      if ((await firstDecision(database, link, hash)) !== hash)
        throw refusal("decision_already_closed", "Another decision was made with this link.");
      const decisionId = prefixedId("dec", `${link.tenant}:${reviewId}:${link.tokenHash}`);
      const data: DraftDecisionSubmitted = {
        decisionId,
        reviewId,
        ticketId: link.ticketId,
        ...said,
        fingerprint,
        // Who held the link is known to the gate alone, which made it.
        actor: { kind: "system", id: "decision_link" },
        via: "decision_link",
        proof: token,
        decidedAt: isoTime(clock),
        openedEvidence: [],
      };
      await publish({
        type: "draft.decision_submitted",
        tenant: link.tenant,
        data,
        // One event a token: asking again publishes nothing.
        idempotencyKey: `${link.tenant}:decision-link:${reviewId}:${link.tokenHash}`,
        key: link.ticketId,
        subject: link.ticketId,
        correlationId: link.correlationId,
        causationId: link.eventId,
      });
      return await reply.code(202).send({ decisionId, status: "submitted" as const });
    },
  );
}
