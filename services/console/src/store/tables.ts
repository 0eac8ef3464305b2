import { sql } from "drizzle-orm";
import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** The slice as it is meant to be; a check compares it with the migrated database. */
const slice = pgSchema("console");

const whole = (name: string) => bigint(name, { mode: "number" });
const at = (name: string) => timestamp(name, { withTimezone: true });
const place = { tenant: text("tenant").notNull(), generation: integer("generation").notNull() };

export const desks = slice.table("desks", {
  tenant: text("tenant").primaryKey(),
  version: whole("version").notNull(),
  body: jsonb("body").notNull(),
  keyHashes: text("key_hashes").array().notNull(),
});

export const projectionGenerations = slice.table("projection_generations", {
  generation: integer("generation").primaryKey(),
  active: boolean("active").notNull(),
  openedAt: at("opened_at").notNull().defaultNow(),
  switchedAt: at("switched_at"),
});

export const events = slice.table(
  "events",
  {
    ...place,
    position: whole("position").notNull().generatedAlwaysAsIdentity(),
    ticketId: text("ticket_id"),
    eventId: text("event_id").notNull(),
    type: text("type").notNull(),
    occurredAt: at("occurred_at").notNull(),
    correlationId: text("correlation_id").notNull(),
    causationId: text("causation_id"),
    body: text("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.generation, table.position] })],
);

const counter = (name: string) => whole(name).notNull().default(0);

export const stories = slice.table(
  "stories",
  {
    ...place,
    ticketId: text("ticket_id").notNull(),
    reference: text("reference"),
    referenceNumber: whole("reference_number"),
    correlationId: text("correlation_id"),
    source: text("source"),
    externalId: text("external_id"),
    channel: text("channel"),
    customerId: text("customer_id"),
    customerName: text("customer_name"),
    subject: text("subject"),
    aggregateVersion: whole("aggregate_version"),
    conversationVersion: whole("conversation_version"),
    lastActivityAt: at("last_activity_at"),
    status: text("status"),
    statusStamp: text("status_stamp"),
    priority: text("priority"),
    priorityStamp: text("priority_stamp"),
    categoryId: text("category_id"),
    categoryStamp: text("category_stamp"),
    ownerId: text("owner_id"),
    ownerName: text("owner_name"),
    ownerStamp: text("owner_stamp"),
    assigneeId: text("assignee_id"),
    assigneeStamp: text("assignee_stamp"),
    responseDueAt: at("response_due_at"),
    dueStamp: text("due_stamp"),
    messages: counter("messages"),
    runs: counter("runs"),
    costMicros: counter("cost_micros"),
    inputTokens: counter("input_tokens"),
    outputTokens: counter("output_tokens"),
    latencyMicros: counter("latency_micros"),
    deliveries: counter("deliveries"),
    deliveriesFailed: counter("deliveries_failed"),
    openedAt: at("opened_at"),
    triagedAt: at("triaged_at"),
    retrievedAt: at("retrieved_at"),
    proposedAt: at("proposed_at"),
    gatedAt: at("gated_at"),
    notifiedAt: at("notified_at"),
    decidedAt: at("decided_at"),
    repliedAt: at("replied_at"),
    contactedAt: at("contacted_at"),
    closedAt: at("closed_at"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.generation, table.ticketId] })],
);

export const reviews = slice.table(
  "reviews",
  {
    ...place,
    ticketId: text("ticket_id").notNull(),
    draftId: text("draft_id").notNull(),
    reference: text("reference"),
    conversationVersion: whole("conversation_version"),
    outcome: text("outcome"),
    outcomeReason: text("outcome_reason"),
    proposedAt: at("proposed_at"),
    autoApprovedAt: at("auto_approved_at"),
    reviewId: text("review_id"),
    requiredEventId: text("required_event_id"),
    correlationId: text("correlation_id"),
    categoryId: text("category_id"),
    categoryName: text("category_name"),
    priority: text("priority"),
    ownerId: text("owner_id"),
    ownerName: text("owner_name"),
    dueBy: at("due_by"),
    fingerprint: text("fingerprint"),
    sendable: boolean("sendable"),
    requiredAt: at("required_at"),
    decision: text("decision"),
    decisionId: text("decision_id"),
    decidedById: text("decided_by_id"),
    decidedByName: text("decided_by_name"),
    decidedVia: text("decided_via"),
    decidedAt: at("decided_at"),
    decisionStamp: text("decision_stamp"),
    appliedAt: at("applied_at"),
    retiredReason: text("retired_reason"),
    retiredDetail: text("retired_detail"),
    retiredAt: at("retired_at"),
    retiredStamp: text("retired_stamp"),
    status: text("status")
      .notNull()
      .generatedAlwaysAs(
        sql`case when retired_at is not null then 'retired' when decided_at is not null then 'decided' else 'pending' end`,
      ),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.generation, table.ticketId, table.draftId] })],
);

export const decisionRequests = slice.table(
  "decision_requests",
  {
    tenant: text("tenant").notNull(),
    decisionId: text("decision_id").notNull(),
    reviewId: text("review_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    decision: text("decision").notNull(),
    actorId: text("actor_id").notNull(),
    contentHash: text("content_hash").notNull(),
    decidedAt: at("decided_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.decisionId] })],
);
