import { bigint, boolean, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** The slice as code: a check compares it with the migrated database. */
const slice = pgSchema("safety_gate");
const count = (name: string) => bigint(name, { mode: "number" });
const time = (name: string) => timestamp(name, { withTimezone: true });

export const desks = slice.table("desks", {
  tenant: text("tenant").primaryKey(),
  version: count("version").notNull(),
  body: jsonb("body").notNull(),
  keyHashes: text("key_hashes").array().notNull(),
});

export const gatePolicies = slice.table(
  "gate_policies",
  {
    tenant: text("tenant").notNull(),
    categoryId: text("category_id").notNull(),
    stopped: boolean("stopped").notNull(),
    changedBy: text("changed_by").notNull(),
    changedAt: time("changed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.categoryId] })],
);

export const knownTickets = slice.table(
  "known_tickets",
  {
    tenant: text("tenant").notNull(),
    ticketId: text("ticket_id").notNull(),
    reference: text("reference").notNull(),
    conversationVersion: count("conversation_version").notNull(),
    closed: boolean("closed").notNull(),
    closedVersion: count("closed_version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId] })],
);

export const knownSources = slice.table(
  "known_sources",
  {
    tenant: text("tenant").notNull(),
    sourceId: text("source_id").notNull(),
    version: count("version").notNull(),
    retiredVersion: count("retired_version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sourceId] })],
);

export const dispositions = slice.table(
  "dispositions",
  {
    tenant: text("tenant").notNull(),
    ticketId: text("ticket_id").notNull(),
    conversationVersion: count("conversation_version").notNull(),
    reference: text("reference").notNull(),
    customerId: text("customer_id").notNull(),
    draftId: text("draft_id").notNull(),
    reviewId: text("review_id").notNull(),
    state: text("state").notNull(),
    stateReason: text("state_reason"),
    verdict: text("verdict").notNull(),
    rules: text("rules").array().notNull(),
    gateVersion: text("gate_version").notNull(),
    policyHash: text("policy_hash").notNull(),
    inputs: text("inputs"),
    inputsHash: text("inputs_hash").notNull(),
    decision: text("decision").notNull(),
    decisionHash: text("decision_hash").notNull(),
    decidedAt: time("decided_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId, table.conversationVersion] })],
);

export const draftReviews = slice.table(
  "draft_reviews",
  {
    tenant: text("tenant").notNull(),
    reviewId: text("review_id").notNull(),
    draftId: text("draft_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    reference: text("reference").notNull(),
    aggregateVersion: count("aggregate_version").notNull(),
    conversationVersion: count("conversation_version").notNull(),
    categoryId: text("category_id"),
    ownerId: text("owner_id").notNull(),
    dueBy: time("due_by").notNull(),
    linkExpiresAt: time("link_expires_at").notNull(),
    createdAt: time("created_at").notNull(),
    fingerprint: text("fingerprint").notNull(),
    draft: jsonb("draft"),
    status: text("status").notNull(),
    version: count("version").notNull(),
    linkUsed: boolean("link_used").notNull(),
    decision: text("decision"),
    decidedBy: text("decided_by"),
    decidedAt: time("decided_at"),
    openedAt: time("opened_at"),
    openedEvidence: text("opened_evidence").array().notNull(),
    outcome: jsonb("outcome"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.reviewId] })],
);

export const reviewDecisions = slice.table(
  "review_decisions",
  {
    tenant: text("tenant").notNull(),
    decisionId: text("decision_id").notNull(),
    reviewId: text("review_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    decision: text("decision").notNull(),
    actorId: text("actor_id").notNull(),
    via: text("via").notNull(),
    refusal: text("refusal"),
    contentHash: text("content_hash").notNull(),
    recordedAt: time("recorded_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.decisionId] })],
);

export const auditEvents = slice.table(
  "audit_events",
  {
    tenant: text("tenant").notNull(),
    sequence: count("sequence").notNull(),
    previousHash: text("previous_hash").notNull(),
    hash: text("hash").notNull(),
    action: text("action").notNull(),
    ticketId: text("ticket_id"),
    content: text("content").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sequence] })],
);

export const auditHeads = slice.table("audit_heads", {
  tenant: text("tenant").primaryKey(),
  sequence: count("sequence").notNull(),
  hash: text("hash").notNull(),
});
