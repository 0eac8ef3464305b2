import {
  customType,
  doublePrecision,
  integer,
  bigint,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  vector,
} from "drizzle-orm/pg-core";

/** The slice as it is meant to be; a check compares it with the migrated database. */
const retrieval = pgSchema("retrieval");

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });
const at = (name: string) => timestamp(name, { withTimezone: true });

export const desks = retrieval.table("desks", {
  tenant: text("tenant").primaryKey(),
  version: bigint("version", { mode: "number" }).notNull(),
  body: jsonb("body").notNull(),
  keyHashes: text("key_hashes").array().notNull(),
});

export const knowledgeSources = retrieval.table(
  "knowledge_sources",
  {
    tenant: text("tenant").notNull(),
    sourceId: text("source_id").notNull(),
    latestVersion: integer("latest_version").notNull(),
    revision: bigint("revision", { mode: "number" }).notNull(),
    submittedAt: at("submitted_at").notNull(),
    retiredAt: at("retired_at"),
    retiredReason: text("retired_reason"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sourceId] })],
);

export const sourceVersions = retrieval.table(
  "source_versions",
  {
    tenant: text("tenant").notNull(),
    sourceId: text("source_id").notNull(),
    version: integer("version").notNull(),
    fingerprint: text("fingerprint").notNull(),
    contentHash: text("content_hash").notNull(),
    title: text("title").notNull(),
    uri: text("uri").notNull(),
    kind: text("kind").notNull(),
    product: text("product"),
    site: text("site"),
    locale: text("locale").notNull(),
    audience: text("audience").notNull(),
    contentType: text("content_type").notNull(),
    content: text("content"),
    blobRef: text("blob_ref"),
    validFrom: at("valid_from").notNull(),
    validTo: at("valid_to"),
    state: text("state").notNull(),
    failure: text("failure"),
    chunks: integer("chunks").notNull(),
    submittedAt: at("submitted_at").notNull(),
    indexedAt: at("indexed_at"),
    supersededAt: at("superseded_at"),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sourceId, table.version] })],
);

export const knowledgeChunks = retrieval.table(
  "knowledge_chunks",
  {
    tenant: text("tenant").notNull(),
    chunkId: text("chunk_id").notNull(),
    sourceId: text("source_id").notNull(),
    version: integer("version").notNull(),
    ordinal: integer("ordinal").notNull(),
    section: text("section").notNull(),
    context: text("context").notNull(),
    content: text("content").notNull(),
    startOffset: integer("start_offset").notNull(),
    endOffset: integer("end_offset").notNull(),
    quoteHash: text("quote_hash").notNull(),
    embeddingModel: text("embedding_model").notNull(),
    dim: integer("dim").notNull(),
    embedding: vector("embedding", { dimensions: 384 }).notNull(),
    terms: tsvector("terms").notNull(),
    identifiers: text("identifiers").array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.chunkId] })],
);

export const retrievalRequests = retrieval.table(
  "retrieval_requests",
  {
    tenant: text("tenant").notNull(),
    ticketId: text("ticket_id").notNull(),
    conversationVersion: integer("conversation_version").notNull(),
    aggregateVersion: integer("aggregate_version").notNull(),
    reference: text("reference").notNull(),
    searchText: text("search_text").notNull(),
    locale: text("locale").notNull(),
    preferredSources: text("preferred_sources").array().notNull(),
    requestedAt: at("requested_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId, table.conversationVersion] })],
);

export const retrievalRuns = retrieval.table(
  "retrieval_runs",
  {
    tenant: text("tenant").notNull(),
    runId: text("run_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    conversationVersion: integer("conversation_version").notNull(),
    outcome: text("outcome").notNull(),
    reason: text("reason"),
    model: text("model").notNull(),
    policy: text("policy").notNull(),
    inputHash: text("input_hash").notNull(),
    outputHash: text("output_hash"),
    latencyMs: doublePrecision("latency_ms").notNull(),
    chunkIds: text("chunk_ids").array().notNull(),
    startedAt: at("started_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.runId] })],
);

export const graphEdges = retrieval.table(
  "graph_edges",
  {
    tenant: text("tenant").notNull(),
    ticketId: text("ticket_id").notNull(),
    kind: text("kind").notNull(),
    target: text("target").notNull(),
    reference: text("reference").notNull(),
    at: at("at").notNull(),
    aggregateVersion: integer("aggregate_version").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.ticketId, table.kind, table.target] })],
);
