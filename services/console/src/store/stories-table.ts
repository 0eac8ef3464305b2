import { sql } from "@opsdesk/database";
import type { Column, MergedTable, Rule } from "./merging.ts";

const text = (name: string, rule: Rule = "once"): Column => ({ name, type: "text", rule });
const count = (name: string, rule: Rule = "sum"): Column => ({ name, type: "bigint", rule });
const time = (name: string, rule: Rule = "min"): Column => ({ name, type: "timestamptz", rule });
const newest = (stamp: string): Rule => ({ wins: "last", stamp });

/** How the columns of `stories` come together. */
export const storiesTable: MergedTable = {
  table: sql`console.stories`,
  key: { tenant: "tenant", ticketId: "ticket_id" },
  columns: {
    reference: text("reference"),
    referenceNumber: count("reference_number", "once"),
    correlationId: text("correlation_id"),
    source: text("source"),
    externalId: text("external_id"),
    channel: text("channel"),
    customerId: text("customer_id"),
    customerName: text("customer_name"),
    subject: text("subject"),
    aggregateVersion: count("aggregate_version", "max"),
    conversationVersion: count("conversation_version", "max"),
    lastActivityAt: time("last_activity_at", "max"),
    status: text("status", newest("statusStamp")),
    statusStamp: text("status_stamp", newest("statusStamp")),
    priority: text("priority", newest("priorityStamp")),
    priorityStamp: text("priority_stamp", newest("priorityStamp")),
    categoryId: text("category_id", newest("categoryStamp")),
    categoryStamp: text("category_stamp", newest("categoryStamp")),
    ownerId: text("owner_id", newest("ownerStamp")),
    ownerName: text("owner_name", newest("ownerStamp")),
    ownerStamp: text("owner_stamp", newest("ownerStamp")),
    assigneeId: text("assignee_id", newest("assigneeStamp")),
    assigneeStamp: text("assignee_stamp", newest("assigneeStamp")),
    responseDueAt: time("response_due_at", newest("dueStamp")),
    dueStamp: text("due_stamp", newest("dueStamp")),
    messages: count("messages"),
    runs: count("runs"),
    costMicros: count("cost_micros"),
    inputTokens: count("input_tokens"),
    outputTokens: count("output_tokens"),
    latencyMicros: count("latency_micros"),
    deliveries: count("deliveries"),
    deliveriesFailed: count("deliveries_failed"),
    openedAt: time("opened_at"),
    triagedAt: time("triaged_at"),
    retrievedAt: time("retrieved_at"),
    proposedAt: time("proposed_at"),
    gatedAt: time("gated_at"),
    notifiedAt: time("notified_at"),
    decidedAt: time("decided_at"),
    repliedAt: time("replied_at"),
    contactedAt: time("contacted_at"),
    closedAt: time("closed_at"),
  },
};
