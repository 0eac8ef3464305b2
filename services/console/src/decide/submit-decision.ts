import { contentHash, prefixedId } from "@opsdesk/identity";
import type { Desk } from "@opsdesk/schemas/desk";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";

/** A decision as a caller sends it. */
export interface AskedDecision {
  readonly decision: DraftDecisionSubmitted["decision"];
  readonly actorId: string;
  readonly fingerprint: string;
  readonly text?: string;
  readonly note?: string;
  readonly openedAt?: string;
  readonly openedEvidence?: readonly string[];
}

/** The same key always names the same decision, so that a repeated request decides nothing new. */
export const decisionIdOf = (tenant: string, idempotencyKey: string): string =>
  prefixedId("dec", `${tenant}:${idempotencyKey}`);

/** What makes two requests with one key the same request. */
export const contentOf = (reviewId: string, asked: AskedDecision): string => contentHash({ reviewId, ...asked });

export interface ReviewPlace {
  readonly reviewId: string;
  readonly ticketId: string;
}

/** The event for the gate, which judges it. Undefined when the actor is no person of the desk: then nobody has decided. */
export function submittedDecision(
  desk: Desk,
  review: ReviewPlace,
  asked: AskedDecision,
  decisionId: string,
  decidedAt: string,
): DraftDecisionSubmitted | undefined {
  const person = desk.people.find(({ id }) => id === asked.actorId);
  if (person === undefined) return undefined;
  return {
    decisionId,
    reviewId: review.reviewId,
    ticketId: review.ticketId,
    decision: asked.decision,
    actor: { kind: "person", id: person.id, name: person.name },
    via: "api",
    fingerprint: asked.fingerprint,
    ...(asked.text === undefined ? {} : { text: asked.text }),
    ...(asked.note === undefined ? {} : { note: asked.note }),
    ...(asked.openedAt === undefined ? {} : { openedAt: asked.openedAt }),
    decidedAt,
    openedEvidence: [...(asked.openedEvidence ?? [])],
  };
}
