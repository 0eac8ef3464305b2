create table evaluation.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on evaluation.desks using gin (key_hashes);

-- Every version of a scenario that a desk has ever had, by content hash: a run names the one it was judged by.
create table evaluation.golden_scenarios (
  tenant text not null,
  scenario_id text not null,
  version text not null,
  body jsonb not null,
  primary key (tenant, scenario_id, version)
);

create table evaluation.agent_evaluation_runs (
  tenant text not null,
  run_id text not null,
  status text not null check (status in ('queued', 'running', 'completed', 'failed')),
  requested_by text not null,
  -- Of what was asked for: the same key with another wish is refused.
  request_hash text not null,
  correlation_id text not null,
  desk_version bigint not null,
  scenarios integer not null,
  requested_at timestamptz not null,
  deadline_at timestamptz not null,
  submitted_at timestamptz,
  completed_at timestamptz,
  passed integer,
  scores jsonb,
  failure text,
  primary key (tenant, run_id)
);
create index agent_evaluation_runs_newest on evaluation.agent_evaluation_runs (tenant, requested_at desc, run_id desc);

-- One row a scenario of a run. Its columns are written by different handlers, each once: nothing is overwritten.
create table evaluation.scenario_results (
  tenant text not null,
  run_id text not null,
  scenario_id text not null,
  scenario_version text not null,
  correlation_id text not null,
  ticket_id text,
  disposition text check (disposition in ('auto_approved', 'review_required')),
  answered_at timestamptz,
  latency_ms double precision,
  observation jsonb,
  reply_outcome text check (reply_outcome in ('sent', 'failed', 'retired')),
  reply_carrier text,
  reply_text text,
  cost_micros bigint not null,
  passed boolean,
  problems jsonb,
  primary key (tenant, run_id, scenario_id),
  unique (tenant, correlation_id)
);
