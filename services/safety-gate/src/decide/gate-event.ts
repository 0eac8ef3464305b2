import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { AiDraftAutoApproved } from "@opsdesk/schemas/ai-draft-auto-approved";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Desk } from "@opsdesk/schemas/desk";
import type { GateDecision } from "./gate.ts";
import type { DecisionLinks } from "./links.ts";
import type { NewReview } from "./propose.ts";

interface Gated {
  readonly data: AiDraftProposed;
  readonly desk: Desk;
  readonly review: NewReview;
  readonly decision: GateDecision;
  readonly decisionHash: string;
  readonly links: DecisionLinks;
  readonly publicUrl: string;
}

/** What the gate tells everyone: a review screen or a reply can be built from it with no call back. */
export function gateEvent({ data, desk, review, decision, decisionHash, links, publicUrl }: Gated): NewEvent {
  const category = desk.categories.find(({ id }) => id === data.categoryId);
  const shared = {
    ticketId: data.ticketId,
    reference: data.reference,
    aggregateVersion: data.aggregateVersion,
    conversationVersion: data.conversationVersion,
    reviewId: review.reviewId,
    draftId: data.draftId,
    source: data.source,
    externalId: data.externalId,
    channel: data.channel,
    customer: data.customer,
    subject: data.subject,
    categoryId: data.categoryId,
    ...(category === undefined ? {} : { categoryName: category.name }),
    priority: data.priority,
    summary: data.summary,
    ...(data.customerText === undefined ? {} : { customerText: data.customerText }),
    reasons: [...decision.reasons],
    evidence: data.evidence,
    confidence: data.confidence,
    fingerprint: review.fingerprint,
    gateVersion: decision.gateVersion,
    policyHash: decision.policyHash,
    decisionHash,
  };
  if (decision.verdict === "auto_send" && review.draft !== null) {
    const approved: AiDraftAutoApproved = { ...shared, draft: review.draft };
    return { type: "ai.draft.auto_approved", key: data.ticketId, data: approved };
  }
  const required: AiDraftReviewRequired = {
    ...shared,
    draft: review.draft,
    missingInformation: data.missingInformation,
    risks: data.risks,
    owner: { id: review.ownerId, name: review.ownerName },
    dueBy: review.dueBy,
    consoleUrl: `${publicUrl}/reviews/${review.reviewId}`,
    decisionUrl: links.url(review.reviewId, review.linkExpiresAt),
    decisionUrlExpiresAt: review.linkExpiresAt,
  };
  return { type: "ai.draft.review_required", key: data.ticketId, data: required };
}
