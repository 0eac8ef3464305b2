create table triage.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on triage.desks using gin (key_hashes);

create table triage.tickets (
  tenant text not null,
  ticket_id text not null,
  revision bigint not null,
  conversation_version integer not null,
  closed boolean not null,
  body jsonb not null,
  primary key (tenant, ticket_id)
);

create table triage.contexts (
  tenant text not null,
  ticket_id text not null,
  conversation_version integer not null,
  round integer not null,
  stage text not null check (stage in ('received', 'triaged', 'retrieved', 'ended')),
  triage jsonb,
  retrieval text,
  evidence jsonb,
  draft_id text,
  outcome text,
  primary key (tenant, ticket_id, conversation_version)
);
create index contexts_by_draft on triage.contexts (tenant, draft_id);
-- Kept out of line as it is: compressing evidence costs more than it saves.
alter table triage.contexts alter column evidence set storage external;

create table triage.ai_runs (
  tenant text not null,
  run_id text not null,
  ticket_id text,
  conversation_version integer,
  job text not null,
  outcome text not null check (outcome in ('succeeded', 'failed', 'abstained')),
  reason text,
  model text not null,
  prompt_version text not null,
  input_hash text not null,
  output_hash text,
  input_tokens integer not null,
  output_tokens integer not null,
  cost_micros bigint not null,
  latency_ms double precision not null,
  started_at timestamptz not null,
  primary key (tenant, run_id)
);
create index ai_runs_by_ticket on triage.ai_runs (tenant, ticket_id);

create table triage.examples (
  tenant text not null,
  text_hash text not null,
  text text not null,
  category_id text not null,
  origin text not null check (origin in ('submitted', 'correction')),
  labelled_at timestamptz not null,
  primary key (tenant, text_hash)
);

create table triage.example_parts (
  tenant text not null,
  set_id text not null,
  part integer not null,
  primary key (tenant, set_id, part)
);

create table triage.router_models (
  tenant text not null,
  model_id text not null,
  training_hash text not null,
  artefact_ref text not null,
  artefact_hash text not null,
  trained_on integer not null,
  categories integer not null,
  held_out jsonb not null,
  training_ms double precision not null,
  used_since timestamptz not null,
  primary key (tenant, model_id)
);
create index router_models_by_use on triage.router_models (tenant, used_since desc);

create table triage.suggestions (
  tenant text not null,
  suggestion_id text not null,
  ticket_id text not null,
  cause text not null,
  suggested_at timestamptz not null,
  primary key (tenant, suggestion_id)
);
