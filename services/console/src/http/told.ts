import { type Disposition, dispositionOf } from "../decide/disposition.ts";
import type { ReviewRow } from "../store/read-reviews.ts";
import type { StoryRow } from "../store/read-stories.ts";

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

/** A ticket's row as it is answered. */
export function toldStory(row: StoryRow) {
  const disposition: Disposition | null = row.draft === null ? null : dispositionOf(row.draft);
  return {
    ticketId: row.ticketId,
    reference: row.reference,
    correlationId: row.correlationId,
    source: row.source,
    externalId: row.externalId,
    channel: row.channel,
    customer: { id: row.customerId, name: row.customerName },
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    categoryId: row.categoryId,
    disposition,
    dispositionReason: row.draft === null ? null : (row.draft.retiredReason ?? row.draft.outcomeReason),
    owner: row.ownerId === null ? null : { id: row.ownerId, name: row.ownerName },
    assigneeId: row.assigneeId,
    responseDueAt: iso(row.responseDueAt),
    lastActivityAt: iso(row.lastActivityAt),
    aggregateVersion: row.aggregateVersion,
    conversationVersion: row.conversationVersion,
    counts: {
      messages: row.messages,
      runs: row.runs,
      deliveries: row.deliveries,
      deliveriesFailed: row.deliveriesFailed,
    },
    cost: {
      costMicros: row.costMicros,
      inputTokens: row.inputTokens,
      outputTokens: row.outputTokens,
      latencyMs: row.latencyMicros / 1_000,
    },
    milestones: {
      openedAt: iso(row.openedAt),
      triagedAt: iso(row.triagedAt),
      retrievedAt: iso(row.retrievedAt),
      proposedAt: iso(row.proposedAt),
      gatedAt: iso(row.gatedAt),
      notifiedAt: iso(row.notifiedAt),
      decidedAt: iso(row.decidedAt),
      repliedAt: iso(row.repliedAt),
      contactedAt: iso(row.contactedAt),
      closedAt: iso(row.closedAt),
    },
  };
}

/** A review's row as it is answered. */
export const toldReview = (row: ReviewRow) => ({
  id: row.id,
  draftId: row.draftId,
  ticketId: row.ticketId,
  reference: row.reference,
  conversationVersion: row.conversationVersion,
  status: row.status,
  subject: row.subject,
  customerName: row.customerName,
  categoryId: row.categoryId,
  categoryName: row.categoryName,
  priority: row.priority,
  owner: { id: row.ownerId, name: row.ownerName },
  dueBy: row.dueBy.toISOString(),
  requiredAt: row.requiredAt.toISOString(),
  fingerprint: row.fingerprint,
  sendable: row.sendable,
  decision:
    row.decision === null
      ? null
      : {
          decisionId: row.decisionId,
          decision: row.decision,
          actorId: row.decidedById,
          actorName: row.decidedByName,
          via: row.decidedVia,
          at: iso(row.decidedAt),
        },
  appliedAt: iso(row.appliedAt),
  retired:
    row.retiredReason === null
      ? null
      : { reason: row.retiredReason, detail: row.retiredDetail, at: iso(row.retiredAt) },
});
