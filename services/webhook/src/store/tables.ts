import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, timestamp } from "drizzle-orm/pg-core";

/** The slice as it is meant to be; a check compares it with the migrated database. */
const webhook = pgSchema("webhook");

const at = (name: string) => timestamp(name, { withTimezone: true });
const count = (name: string) => bigint(name, { mode: "number" });

export const desks = webhook.table("desks", {
  tenant: text("tenant").primaryKey(),
  version: count("version").notNull(),
  body: jsonb("body").notNull(),
  keyHashes: text("key_hashes").array().notNull(),
});

export const webhookEndpoints = webhook.table(
  "webhook_endpoints",
  {
    tenant: text("tenant").notNull(),
    endpointId: text("endpoint_id").notNull(),
    name: text("name").notNull(),
    url: text("url").notNull(),
    ownerId: text("owner_id").notNull(),
    contact: text("contact").notNull(),
    teamId: text("team_id"),
    events: text("events").array().notNull(),
    origin: text("origin").notNull(),
    status: text("status").notNull(),
    disabledReason: text("disabled_reason"),
    disabledDetail: text("disabled_detail"),
    failingSince: at("failing_since"),
    slowUntil: at("slow_until"),
    sequence: count("sequence").notNull(),
    version: count("version").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.endpointId] })],
);

export const endpointSecrets = webhook.table(
  "endpoint_secrets",
  {
    tenant: text("tenant").notNull(),
    endpointId: text("endpoint_id").notNull(),
    secretId: text("secret_id").notNull(),
    sealed: text("sealed").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.endpointId, table.secretId] })],
);

export const webhookDeliveries = webhook.table(
  "webhook_deliveries",
  {
    tenant: text("tenant").notNull(),
    deliveryId: text("delivery_id").notNull(),
    endpointId: text("endpoint_id").notNull(),
    lane: text("lane").notNull(),
    eventId: text("event_id").notNull(),
    eventType: text("event_type").notNull(),
    ticketId: text("ticket_id"),
    reference: text("reference"),
    correlationId: text("correlation_id").notNull(),
    sequence: count("sequence").notNull(),
    previousId: text("previous_id"),
    state: text("state").notNull(),
    attempts: integer("attempts").notNull(),
    tries: integer("tries").notNull(),
    lastStatus: integer("last_status"),
    lastCode: text("last_code"),
    lastHash: text("last_hash"),
    nextAttemptAt: at("next_attempt_at"),
    finishedAt: at("finished_at"),
    body: text("body").notNull(),
    version: count("version").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.deliveryId] })],
);

export const deliveryAttempts = webhook.table(
  "delivery_attempts",
  {
    tenant: text("tenant").notNull(),
    deliveryId: text("delivery_id").notNull(),
    attempt: integer("attempt").notNull(),
    startedAt: at("started_at").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    code: text("code").notNull(),
    message: text("message").notNull(),
    status: integer("status"),
    requestHeaders: text("request_headers").notNull(),
    responseHeaders: text("response_headers").notNull(),
    responseBody: text("response_body").notNull(),
    responseTruncated: boolean("response_truncated").notNull(),
    contentHash: text("content_hash").notNull(),
    previousHash: text("previous_hash"),
    hash: text("hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.deliveryId, table.attempt] })],
);

export const decisionLinks = webhook.table(
  "decision_links",
  {
    tenant: text("tenant").notNull(),
    reviewId: text("review_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    fingerprint: text("fingerprint").notNull(),
    tokenHash: text("token_hash").notNull(),
    correlationId: text("correlation_id").notNull(),
    eventId: text("event_id").notNull(),
    expiresAt: at("expires_at"),
    decisionHash: text("decision_hash"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.reviewId] })],
);

export const endpointCommands = webhook.table(
  "endpoint_commands",
  {
    tenant: text("tenant").notNull(),
    commandId: text("command_id").notNull(),
    contentHash: text("content_hash").notNull(),
    reply: jsonb("reply").notNull(),
    at: at("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.commandId] })],
);
