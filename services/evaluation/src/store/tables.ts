import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** The slice as it is meant to be; a check compares it with the migrated database. */
const evaluation = pgSchema("evaluation");

const at = (name: string) => timestamp(name, { withTimezone: true });

export const desks = evaluation.table("desks", {
  tenant: text("tenant").primaryKey(),
  version: bigint("version", { mode: "number" }).notNull(),
  body: jsonb("body").notNull(),
  keyHashes: text("key_hashes").array().notNull(),
});

export const goldenScenarios = evaluation.table(
  "golden_scenarios",
  {
    tenant: text("tenant").notNull(),
    scenarioId: text("scenario_id").notNull(),
    version: text("version").notNull(),
    body: jsonb("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.scenarioId, table.version] })],
);

export const agentEvaluationRuns = evaluation.table(
  "agent_evaluation_runs",
  {
    tenant: text("tenant").notNull(),
    runId: text("run_id").notNull(),
    status: text("status").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestHash: text("request_hash").notNull(),
    correlationId: text("correlation_id").notNull(),
    deskVersion: bigint("desk_version", { mode: "number" }).notNull(),
    scenarios: integer("scenarios").notNull(),
    requestedAt: at("requested_at").notNull(),
    deadlineAt: at("deadline_at").notNull(),
    submittedAt: at("submitted_at"),
    completedAt: at("completed_at"),
    passed: integer("passed"),
    scores: jsonb("scores"),
    failure: text("failure"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.runId] })],
);

export const scenarioResults = evaluation.table(
  "scenario_results",
  {
    tenant: text("tenant").notNull(),
    runId: text("run_id").notNull(),
    scenarioId: text("scenario_id").notNull(),
    scenarioVersion: text("scenario_version").notNull(),
    correlationId: text("correlation_id").notNull(),
    ticketId: text("ticket_id"),
    disposition: text("disposition"),
    answeredAt: at("answered_at"),
    latencyMs: doublePrecision("latency_ms"),
    observation: jsonb("observation"),
    replyOutcome: text("reply_outcome"),
    replyCarrier: text("reply_carrier"),
    replyText: text("reply_text"),
    costMicros: bigint("cost_micros", { mode: "number" }).notNull(),
    passed: boolean("passed"),
    problems: jsonb("problems"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.runId, table.scenarioId] })],
);
