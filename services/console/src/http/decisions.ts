import type { Read } from "@opsdesk/database";
import type { Desks } from "@opsdesk/desk";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { newId } from "@opsdesk/identity";
import { type Clock, type Publish, isoTime } from "@opsdesk/messaging";
import { Hash, ReplyText, Time } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import type { ConsoleErrorCode } from "../errors.ts";
import { type DecisionEffect, effectOf } from "../decide/decision-effect.ts";
import { type AskedDecision, contentOf, decisionIdOf, submittedDecision } from "../decide/submit-decision.ts";
import { keepRequest } from "../store/decision-requests.ts";
import { answersToDecisions, headPositions } from "../store/read-events.ts";
import { reviewById } from "../store/read-reviews.ts";
import type { ProjectionWatch } from "./projection-watch.ts";
import { noReview } from "./reviews.ts";
import { Name } from "./schemas.ts";

const Body = Type.Object(
  {
    decision: Type.Enum(["approve", "edit", "reject", "take_over", "undo"]),
    actorId: Type.String({ minLength: 1, maxLength: 200, description: "a person of the desk" }),
    fingerprint: Hash,
    text: Type.Optional(ReplyText),
    note: Type.Optional(Type.String({ maxLength: 2_000 })),
    openedAt: Type.Optional(Time),
    openedEvidence: Type.Optional(Type.Array(Name, { maxItems: 20 })),
  },
  { additionalProperties: false },
);
const Query = Type.Object({
  wait: Type.Optional(
    Type.String({ pattern: "^([0-9]|[12][0-9]|30)$", description: "seconds to wait for the effect, at most 30" }),
  ),
});
const Headers = Type.Object({ "idempotency-key": Type.Optional(Name) });
const Accepted = Type.Object({ decisionId: Type.String(), eventId: Type.String() });
const Effect = Type.Object({
  decisionId: Type.String(),
  eventId: Type.String(),
  effect: Type.Object({ eventId: Type.String(), decision: Type.String(), at: Type.String() }),
});
/** `decisionId` only where the gate refused; a reused Idempotency-Key has made no decision. */
const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  decisionId: Type.Optional(Type.String()),
});

export interface Deciding {
  readonly read: Read;
  readonly desks: Desks;
  readonly clock: Clock;
  readonly publish: Publish;
  readonly watch: ProjectionWatch;
  readonly stopping: AbortSignal;
}

/** A decision leaves as an event; the gate judges it. Who waits is told what became of it. */
export function decisionRoute(app: App, ports: Deciding): void {
  app.post(
    "/v1/reviews/:id/decisions",
    {
      config: { scope: "reviews:decide" },
      schema: {
        summary: "Decides about a draft",
        params: Type.Object({ id: Name }),
        querystring: Query,
        headers: Headers,
        body: Body,
        response: { 200: Effect, 202: Accepted, 409: Problem },
      },
    },
    async (request, reply) => {
      const { tenant } = request.holder;
      const seconds = Number(request.query.wait ?? 0);
      const review = await reviewById(ports.read, tenant, request.params.id);
      if (review === undefined) throw noReview(request.params.id);
      const decisionId = decisionIdOf(tenant, request.headers["idempotency-key"] ?? newId());
      const eventId = await submit(
        ports,
        tenant,
        {
          reviewId: review.id,
          ticketId: review.ticketId,
          correlationId: review.correlationId,
          causationId: review.requiredEventId,
        },
        request.body,
        decisionId,
      );
      const effect =
        seconds === 0 ? undefined : await effectWithin(ports, tenant, review.ticketId, decisionId, seconds);
      if (effect === undefined) return await reply.status(202).send({ decisionId, eventId });
      if (effect.taken)
        return await reply
          .status(200)
          .send({ decisionId, eventId, effect: { eventId: effect.eventId, decision: effect.decision, at: effect.at } });
      const { code, message } = effect;
      return await reply
        .status(409)
        .type("application/problem+json")
        .send({
          type: `urn:opsdesk:problem:${code}`,
          title: code.replaceAll("_", " "),
          status: 409,
          code,
          detail: message,
          decisionId,
        });
    },
  );
}

interface Place {
  readonly reviewId: string;
  readonly ticketId: string;
  readonly correlationId: string;
  readonly causationId: string;
}

/**
 * Kept first, then published once: should the process stop between the two, the same request publishes what was kept.
 * Throws `desk_not_configured`, `actor_not_in_desk` and `idempotency_key_reused`.
 */
async function submit(
  { clock, desks, publish, read }: Deciding,
  tenant: string,
  place: Place,
  asked: AskedDecision,
  decisionId: string,
): Promise<string> {
  const desk = (await desks.byTenant(read, [tenant])).get(tenant)?.desk;
  if (desk === undefined)
    throw new TransientError<ConsoleErrorCode>("desk_not_configured", `${tenant} has no desk yet`);
  const contentHash = contentOf(place.reviewId, asked);
  const { actorId, decision } = asked;
  const now = isoTime(clock);
  if (submittedDecision(desk, place, asked, decisionId, now) === undefined)
    throw new RejectedError<ConsoleErrorCode>("actor_not_in_desk", `${actorId} is no person of ${tenant}`, {
      publicMessage: `${actorId} is not a person of this desk.`,
    });
  const kept = await keepRequest(
    read,
    tenant,
    { decisionId, reviewId: place.reviewId, ticketId: place.ticketId, decision, actorId, contentHash },
    now,
  );
  if (kept.contentHash !== contentHash)
    throw new RejectedError<ConsoleErrorCode>(
      "idempotency_key_reused",
      `decision ${decisionId} was asked for with other content`,
      { publicMessage: "This Idempotency-Key was used for another decision." },
    );
  return await publish({
    type: "draft.decision_submitted",
    tenant,
    key: place.ticketId,
    subject: place.ticketId,
    correlationId: place.correlationId,
    causationId: place.causationId,
    idempotencyKey: `${tenant}:console.decision:${decisionId}`,
    data: submittedDecision(desk, place, asked, decisionId, kept.decidedAt.toISOString()),
  });
}

async function effectWithin(
  { read, stopping, watch }: Deciding,
  tenant: string,
  ticketId: string,
  decisionId: string,
  seconds: number,
): Promise<DecisionEffect | undefined> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(seconds * 1_000)]);
  for (;;) {
    const head = (await headPositions(read, [tenant])).get(tenant) ?? 0;
    const rows = await answersToDecisions(read, tenant, ticketId);
    const effect = effectOf(
      rows.map(({ body }) => JSON.parse(body) as Envelope),
      decisionId,
    );
    if (effect !== undefined || (await watch.moved(tenant, head, signal)) === undefined) return effect;
  }
}
