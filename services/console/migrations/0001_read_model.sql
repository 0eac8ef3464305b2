-- The console's copy of each tenant's desk; the text of desksMigration("console").
create table console.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on console.desks using gin (key_hashes);

-- A rebuild fills a generation beside the one that is read, for all tenants at once.
create table console.projection_generations (
  generation integer primary key,
  active boolean not null,
  opened_at timestamptz not null default now(),
  switched_at timestamptz
);
insert into console.projection_generations (generation, active, switched_at) values (1, true, now());

-- Every event that the console hears, once. `body` is the envelope as JSON text: it is only ever read whole.
create table console.events (
  tenant text not null,
  generation integer not null,
  position bigint generated always as identity,
  ticket_id text,
  event_id text not null,
  type text not null,
  occurred_at timestamptz not null,
  correlation_id text not null,
  causation_id text,
  body text not null,
  primary key (tenant, generation, position)
);
-- Compressing (pglz in the embedded lane) costs more than the space it saves.
alter table console.events alter column body set storage external;
create index events_by_ticket on console.events (tenant, generation, ticket_id, position) where ticket_id is not null;

-- A stamp says which event a group of columns is from: the greatest wins, whatever order the topics arrive in.
-- No index holds a column that changes, so that updates stay within the page.
create table console.stories (
  tenant text not null,
  generation integer not null,
  ticket_id text not null,
  reference text,
  reference_number bigint,
  correlation_id text,
  source text,
  external_id text,
  channel text,
  customer_id text,
  customer_name text,
  subject text,
  aggregate_version bigint,
  conversation_version bigint,
  last_activity_at timestamptz,
  status text,
  status_stamp text collate "C",
  priority text,
  priority_stamp text collate "C",
  category_id text,
  category_stamp text collate "C",
  owner_id text,
  owner_name text,
  owner_stamp text collate "C",
  assignee_id text,
  assignee_stamp text collate "C",
  response_due_at timestamptz,
  due_stamp text collate "C",
  messages bigint not null default 0,
  runs bigint not null default 0,
  cost_micros bigint not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  latency_micros bigint not null default 0,
  deliveries bigint not null default 0,
  deliveries_failed bigint not null default 0,
  opened_at timestamptz,
  triaged_at timestamptz,
  retrieved_at timestamptz,
  proposed_at timestamptz,
  gated_at timestamptz,
  notified_at timestamptz,
  decided_at timestamptz,
  replied_at timestamptz,
  contacted_at timestamptz,
  closed_at timestamptz,
  primary key (tenant, generation, ticket_id)
) with (fillfactor = 70);
-- Rows without a reference are of tickets whose first event has not arrived yet.
create index stories_by_number on console.stories (tenant, generation, reference_number) where reference is not null;

-- One row a draft, whether it went out by itself, to a person, or nowhere: its life is the ticket's disposition.
-- Those with a review_id are reviews. What the reviewer reads is in the event that asked for the review.
create table console.reviews (
  tenant text not null,
  generation integer not null,
  ticket_id text not null,
  draft_id text not null,
  reference text,
  conversation_version bigint,
  outcome text,
  outcome_reason text,
  proposed_at timestamptz,
  auto_approved_at timestamptz,
  review_id text,
  required_event_id text,
  correlation_id text,
  category_id text,
  category_name text,
  priority text,
  owner_id text,
  owner_name text,
  due_by timestamptz,
  fingerprint text,
  sendable boolean,
  required_at timestamptz,
  decision text,
  decision_id text,
  decided_by_id text,
  decided_by_name text,
  decided_via text,
  decided_at timestamptz,
  decision_stamp text collate "C",
  applied_at timestamptz,
  retired_reason text,
  retired_detail text,
  retired_at timestamptz,
  retired_stamp text collate "C",
  status text not null generated always as
    (case when retired_at is not null then 'retired' when decided_at is not null then 'decided' else 'pending' end) stored,
  primary key (tenant, generation, ticket_id, draft_id)
) with (fillfactor = 70);
create index reviews_by_review on console.reviews (tenant, generation, review_id) where review_id is not null;
create index reviews_by_status on console.reviews (tenant, generation, status, due_by, review_id) where review_id is not null;

-- Decisions that came by HTTP: the same key with the same content is one decision, with other content a refusal.
create table console.decision_requests (
  tenant text not null,
  decision_id text not null,
  review_id text not null,
  ticket_id text not null,
  decision text not null,
  actor_id text not null,
  content_hash text not null,
  decided_at timestamptz not null,
  primary key (tenant, decision_id)
);
create index decision_requests_by_review on console.decision_requests (tenant, review_id);
