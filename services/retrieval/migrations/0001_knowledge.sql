create table retrieval.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on retrieval.desks using gin (key_hashes);

create table retrieval.knowledge_sources (
  tenant text not null,
  source_id text not null,
  latest_version integer not null,
  -- Rises with every change of the source or of one of its versions: what writers are conditional on.
  revision bigint not null,
  submitted_at timestamptz not null,
  retired_at timestamptz,
  retired_reason text,
  primary key (tenant, source_id)
);

-- A version is quotable from valid_from until superseded_at or valid_to; both may lie ahead.
create table retrieval.source_versions (
  tenant text not null,
  source_id text not null,
  version integer not null,
  fingerprint text not null,
  content_hash text not null,
  title text not null,
  uri text not null,
  kind text not null,
  product text,
  site text,
  locale text not null,
  audience text not null,
  content_type text not null,
  content text,
  blob_ref text,
  valid_from timestamptz not null,
  valid_to timestamptz,
  state text not null check (state in ('submitted', 'indexed', 'failed', 'skipped')),
  failure text,
  chunks integer not null,
  submitted_at timestamptz not null,
  indexed_at timestamptz,
  superseded_at timestamptz,
  primary key (tenant, source_id, version)
);
create index source_versions_waiting on retrieval.source_versions (tenant, submitted_at) where state = 'submitted';

create table retrieval.knowledge_chunks (
  tenant text not null,
  chunk_id text not null,
  source_id text not null,
  version integer not null,
  ordinal integer not null,
  section text not null,
  context text not null,
  content text not null,
  start_offset integer not null,
  end_offset integer not null,
  quote_hash text not null,
  embedding_model text not null,
  dim integer not null,
  embedding public.vector(384) not null,
  terms tsvector not null,
  identifiers text[] not null,
  primary key (tenant, chunk_id),
  unique (tenant, source_id, version, ordinal)
) with (toast_tuple_target = 4080);
-- A search reads vectors and terms of every row and the text of few: the former stay in the row, uncompressed.
alter table retrieval.knowledge_chunks alter column embedding set storage plain;
alter table retrieval.knowledge_chunks alter column terms set storage main;
alter table retrieval.knowledge_chunks alter column content set storage external;
create index knowledge_chunks_by_identifier on retrieval.knowledge_chunks using gin (identifiers);

create table retrieval.retrieval_requests (
  tenant text not null,
  ticket_id text not null,
  conversation_version integer not null,
  aggregate_version integer not null,
  reference text not null,
  search_text text not null,
  locale text not null,
  preferred_sources text[] not null,
  requested_at timestamptz not null,
  primary key (tenant, ticket_id, conversation_version)
);

create table retrieval.retrieval_runs (
  tenant text not null,
  run_id text not null,
  ticket_id text not null,
  conversation_version integer not null,
  outcome text not null,
  reason text,
  model text not null,
  policy text not null,
  input_hash text not null,
  output_hash text,
  latency_ms double precision not null,
  -- What was found, best first, also where it was too weak to be used.
  chunk_ids text[] not null,
  started_at timestamptz not null,
  primary key (tenant, run_id)
);
create index retrieval_runs_by_ticket on retrieval.retrieval_runs (tenant, ticket_id, conversation_version);
