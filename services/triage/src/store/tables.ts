import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";

/** This service's slice as its migrations make it; a check holds the two against each other. */
const triage = pgSchema("triage");

const tenant = () => text("tenant").notNull();
const count = (name: string) => bigint(name, { mode: "number" });
const at = (name: string) => timestamp(name, { withTimezone: true });

export const desks = triage.table(
  "desks",
  {
    tenant: text("tenant").primaryKey(),
    version: count("version").notNull(),
    body: jsonb("body").notNull(),
    keyHashes: text("key_hashes").array().notNull(),
  },
  (table) => [index("desks_by_key").using("gin", table.keyHashes)],
);

export const tickets = triage.table(
  "tickets",
  {
    tenant: tenant(),
    ticketId: text("ticket_id").notNull(),
    revision: count("revision").notNull(),
    conversationVersion: integer("conversation_version").notNull(),
    closed: boolean("closed").notNull(),
    body: jsonb("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId] })],
);

export const contexts = triage.table(
  "contexts",
  {
    tenant: tenant(),
    ticketId: text("ticket_id").notNull(),
    conversationVersion: integer("conversation_version").notNull(),
    round: integer("round").notNull(),
    stage: text("stage").notNull(),
    triage: jsonb("triage"),
    retrieval: text("retrieval"),
    evidence: jsonb("evidence"),
    draftId: text("draft_id"),
    outcome: text("outcome"),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.ticketId, table.conversationVersion] }),
    index("contexts_by_draft").on(table.tenant, table.draftId),
  ],
);

export const aiRuns = triage.table(
  "ai_runs",
  {
    tenant: tenant(),
    runId: text("run_id").notNull(),
    ticketId: text("ticket_id"),
    conversationVersion: integer("conversation_version"),
    job: text("job").notNull(),
    outcome: text("outcome").notNull(),
    reason: text("reason"),
    model: text("model").notNull(),
    promptVersion: text("prompt_version").notNull(),
    inputHash: text("input_hash").notNull(),
    outputHash: text("output_hash"),
    inputTokens: integer("input_tokens").notNull(),
    outputTokens: integer("output_tokens").notNull(),
    costMicros: count("cost_micros").notNull(),
    latencyMs: doublePrecision("latency_ms").notNull(),
    startedAt: at("started_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.runId] }),
    index("ai_runs_by_ticket").on(table.tenant, table.ticketId),
  ],
);

export const examples = triage.table(
  "examples",
  {
    tenant: tenant(),
    textHash: text("text_hash").notNull(),
    text: text("text").notNull(),
    categoryId: text("category_id").notNull(),
    origin: text("origin").notNull(),
    labelledAt: at("labelled_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.textHash] })],
);

export const exampleParts = triage.table(
  "example_parts",
  { tenant: tenant(), setId: text("set_id").notNull(), part: integer("part").notNull() },
  (table) => [primaryKey({ columns: [table.tenant, table.setId, table.part] })],
);

export const routerModels = triage.table(
  "router_models",
  {
    tenant: tenant(),
    modelId: text("model_id").notNull(),
    trainingHash: text("training_hash").notNull(),
    artefactRef: text("artefact_ref").notNull(),
    artefactHash: text("artefact_hash").notNull(),
    trainedOn: integer("trained_on").notNull(),
    categories: integer("categories").notNull(),
    heldOut: jsonb("held_out").notNull(),
    trainingMs: doublePrecision("training_ms").notNull(),
    usedSince: at("used_since").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.modelId] }),
    index("router_models_by_use").on(table.tenant, table.usedSince.desc()),
  ],
);

export const suggestions = triage.table(
  "suggestions",
  {
    tenant: tenant(),
    suggestionId: text("suggestion_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    cause: text("cause").notNull(),
    suggestedAt: at("suggested_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.suggestionId] })],
);
