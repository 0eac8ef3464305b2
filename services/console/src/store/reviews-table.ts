import { sql } from "@opsdesk/database";
import type { Column, MergedTable, Rule } from "./merging.ts";

const text = (name: string, rule: Rule = "once"): Column => ({ name, type: "text", rule });
const time = (name: string, rule: Rule = "min"): Column => ({ name, type: "timestamptz", rule });
const first = (stamp: string): Rule => ({ wins: "first", stamp });

/** How the columns of `reviews` come together. A draft is decided once and retired once: the first of each counts. */
export const reviewsTable: MergedTable = {
  table: sql`console.reviews`,
  key: { tenant: "tenant", ticketId: "ticket_id", draftId: "draft_id" },
  columns: {
    reference: text("reference"),
    conversationVersion: { name: "conversation_version", type: "bigint", rule: "once" },
    outcome: text("outcome"),
    outcomeReason: text("outcome_reason"),
    proposedAt: time("proposed_at"),
    autoApprovedAt: time("auto_approved_at"),
    reviewId: text("review_id"),
    requiredEventId: text("required_event_id"),
    correlationId: text("correlation_id"),
    categoryId: text("category_id"),
    categoryName: text("category_name"),
    priority: text("priority"),
    ownerId: text("owner_id"),
    ownerName: text("owner_name"),
    dueBy: time("due_by", "once"),
    fingerprint: text("fingerprint"),
    sendable: { name: "sendable", type: "boolean", rule: "once" },
    requiredAt: time("required_at"),
    decision: text("decision", first("decisionStamp")),
    decisionId: text("decision_id", first("decisionStamp")),
    decidedById: text("decided_by_id", first("decisionStamp")),
    decidedByName: text("decided_by_name", first("decisionStamp")),
    decidedVia: text("decided_via", first("decisionStamp")),
    decidedAt: time("decided_at", first("decisionStamp")),
    decisionStamp: text("decision_stamp", first("decisionStamp")),
    appliedAt: time("applied_at"),
    retiredReason: text("retired_reason", first("retiredStamp")),
    retiredDetail: text("retired_detail", first("retiredStamp")),
    retiredAt: time("retired_at", first("retiredStamp")),
    retiredStamp: text("retired_stamp", first("retiredStamp")),
  },
};
