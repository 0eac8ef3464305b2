import { bigint, boolean, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** This slice as its migrations make it; a check compares the two. */
const ingest = pgSchema("ingest");

export const businesses = ingest.table("businesses", {
  tenant: text("tenant").primaryKey(),
  name: text("name").notNull(),
  desk: jsonb("desk").notNull(),
  deskVersion: bigint("desk_version", { mode: "number" }).notNull(),
  deskHash: text("desk_hash").notNull(),
  filesHash: text("files_hash").notNull(),
  examplesHash: text("examples_hash").notNull(),
  referencePrefix: text("reference_prefix").notNull(),
  nextNumber: bigint("next_number", { mode: "number" }).notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
});

export const apiKeys = ingest.table(
  "api_keys",
  {
    tenant: text("tenant").notNull(),
    keyId: text("key_id").notNull(),
    sha256: text("sha256").notNull().unique(),
    scopes: text("scopes").array().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.keyId] })],
);

export const deskDocuments = ingest.table(
  "desk_documents",
  {
    tenant: text("tenant").notNull(),
    sourceId: text("source_id").notNull(),
    contentHash: text("content_hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sourceId] })],
);

export const customers = ingest.table(
  "customers",
  {
    tenant: text("tenant").notNull(),
    customerId: text("customer_id").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    phone: text("phone"),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.customerId] })],
);

export const tickets = ingest.table(
  "tickets",
  {
    tenant: text("tenant").notNull(),
    ticketId: text("ticket_id").notNull(),
    reference: text("reference").notNull(),
    source: text("source").notNull(),
    externalId: text("external_id"),
    correlationId: text("correlation_id").notNull(),
    channel: text("channel").notNull(),
    customerId: text("customer_id").notNull(),
    subject: text("subject").notNull(),
    status: text("status").notNull(),
    priority: text("priority").notNull(),
    priorityBy: text("priority_by").notNull(),
    categoryId: text("category_id"),
    categoryBy: text("category_by").notNull(),
    assigneeId: text("assignee_id"),
    snoozedUntil: timestamp("snoozed_until", { withTimezone: true }),
    mergedInto: text("merged_into"),
    responseDueAt: timestamp("response_due_at", { withTimezone: true }).notNull(),
    respondedAt: timestamp("responded_at", { withTimezone: true }),
    breachVersion: bigint("breach_version", { mode: "number" }),
    breachToldAt: timestamp("breach_told_at", { withTimezone: true }),
    triagedVersion: bigint("triaged_version", { mode: "number" }).notNull(),
    lastMessageId: text("last_message_id").notNull(),
    lastMessageKind: text("last_message_kind").notNull(),
    lastCustomerAutomatic: boolean("last_customer_automatic").notNull(),
    aggregateVersion: bigint("aggregate_version", { mode: "number" }).notNull(),
    conversationVersion: bigint("conversation_version", { mode: "number" }).notNull(),
    rowVersion: bigint("row_version", { mode: "number" }).notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId] })],
);

export const ticketMessages = ingest.table(
  "ticket_messages",
  {
    tenant: text("tenant").notNull(),
    messageId: text("message_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    kind: text("kind").notNull(),
    author: jsonb("author").notNull(),
    source: text("source"),
    externalId: text("external_id"),
    submissionId: text("submission_id"),
    submissionHash: text("submission_hash"),
    correlationId: text("correlation_id").notNull(),
    sourceText: text("source_text").notNull(),
    textHash: text("text_hash").notNull(),
    fullTextRef: text("full_text_ref"),
    automatic: boolean("automatic").notNull(),
    conversationVersion: bigint("conversation_version", { mode: "number" }).notNull(),
    state: text("state"),
    origin: text("origin"),
    draftId: text("draft_id"),
    channelMessageId: text("channel_message_id"),
    sendAfter: timestamp("send_after", { withTimezone: true }),
    sentAt: timestamp("sent_at", { withTimezone: true }),
    at: timestamp("at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.messageId] })],
);

export const ticketDocuments = ingest.table(
  "ticket_documents",
  {
    tenant: text("tenant").notNull(),
    documentId: text("document_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    messageId: text("message_id").notNull(),
    name: text("name").notNull(),
    blobRef: text("blob_ref").notNull(),
    sha256: text("sha256").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    contentType: text("content_type").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.documentId] })],
);

export const ticketDrafts = ingest.table(
  "ticket_drafts",
  {
    tenant: text("tenant").notNull(),
    draftId: text("draft_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    conversationVersion: bigint("conversation_version", { mode: "number" }).notNull(),
    outcome: text("outcome").notNull(),
    state: text("state").notNull(),
    retiredReason: text("retired_reason"),
    templateId: text("template_id"),
    sentences: jsonb("sentences").notNull(),
    cites: jsonb("cites").notNull(),
    proposedAt: timestamp("proposed_at", { withTimezone: true }).notNull(),
    settledAt: timestamp("settled_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.draftId] })],
);

export const followUpTasks = ingest.table(
  "follow_up_tasks",
  {
    tenant: text("tenant").notNull(),
    followUpId: text("follow_up_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    title: text("title").notNull(),
    ownerId: text("owner_id").notNull(),
    dueAt: timestamp("due_at", { withTimezone: true }).notNull(),
    status: text("status").notNull(),
    reason: text("reason"),
    at: timestamp("at", { withTimezone: true }).notNull(),
    doneAt: timestamp("done_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.followUpId] })],
);

export const contacts = ingest.table(
  "contacts",
  {
    tenant: text("tenant").notNull(),
    contactId: text("contact_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    channel: text("channel").notNull(),
    reached: boolean("reached").notNull(),
    said: text("said").notNull(),
    actor: jsonb("actor").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.contactId] })],
);
