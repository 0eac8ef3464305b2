-- The gate's copy of each tenant's desk; the text of desksMigration("safety_gate").
create table safety_gate.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on safety_gate.desks using gin (key_hashes);

-- Stops of automatic sending; category '' is the whole desk.
create table safety_gate.gate_policies (
  tenant text not null,
  category_id text not null,
  stopped boolean not null,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (tenant, category_id)
);

-- What the gate has heard of each ticket: only as much as makes a proposal stale.
create table safety_gate.known_tickets (
  tenant text not null,
  ticket_id text not null,
  reference text not null,
  conversation_version bigint not null,
  closed boolean not null,
  -- Aggregate version that last said whether it is closed.
  closed_version bigint not null,
  primary key (tenant, ticket_id)
);

-- Newest version of each knowledge source, and the newest that was withdrawn; 0 when there is none.
create table safety_gate.known_sources (
  tenant text not null,
  source_id text not null,
  version bigint not null,
  retired_version bigint not null,
  primary key (tenant, source_id)
);

create table safety_gate.dispositions (
  tenant text not null,
  ticket_id text not null,
  conversation_version bigint not null,
  reference text not null,
  customer_id text not null,
  draft_id text not null,
  review_id text not null,
  state text not null check (state in ('not_run', 'failed', 'abstained', 'gated', 'applied', 'refused', 'retired')),
  state_reason text,
  verdict text not null check (verdict in ('auto_send', 'review', 'block')),
  rules text[] not null,
  gate_version text not null,
  policy_hash text not null,
  -- Canonical JSON, byte for byte as it was hashed: jsonb would reorder it. Null once a customer has been erased.
  inputs text,
  inputs_hash text not null,
  decision text not null,
  decision_hash text not null,
  decided_at timestamptz not null,
  primary key (tenant, ticket_id, conversation_version)
);
-- Compressing (pglz in the embedded lane) costs more than the space it saves.
alter table safety_gate.dispositions alter column inputs set storage external;
create unique index dispositions_by_draft on safety_gate.dispositions (tenant, draft_id);
create index dispositions_by_reference on safety_gate.dispositions (tenant, reference);
create index dispositions_auto on safety_gate.dispositions (tenant, decided_at desc) where verdict = 'auto_send';
create index dispositions_auto_by_customer on safety_gate.dispositions (tenant, customer_id, decided_at desc) where verdict = 'auto_send';

create table safety_gate.draft_reviews (
  tenant text not null,
  review_id text not null,
  draft_id text not null,
  ticket_id text not null,
  reference text not null,
  aggregate_version bigint not null,
  conversation_version bigint not null,
  category_id text,
  owner_id text not null,
  due_by timestamptz not null,
  link_expires_at timestamptz not null,
  created_at timestamptz not null,
  fingerprint text not null,
  draft jsonb,
  status text not null check (status in ('pending', 'approved_waiting', 'decided', 'retired')),
  version bigint not null,
  link_used boolean not null,
  decision text,
  decided_by text,
  decided_at timestamptz,
  opened_at timestamptz,
  opened_evidence text[] not null,
  -- The whole decision with text, sentences and edit; null until one is taken.
  outcome jsonb,
  primary key (tenant, review_id)
);
create unique index draft_reviews_by_draft on safety_gate.draft_reviews (tenant, draft_id);

create table safety_gate.review_decisions (
  tenant text not null,
  decision_id text not null,
  review_id text not null,
  ticket_id text not null,
  decision text not null,
  actor_id text not null,
  via text not null,
  -- Null when it was accepted.
  refusal text,
  content_hash text not null,
  recorded_at timestamptz not null,
  primary key (tenant, decision_id)
);

create table safety_gate.audit_events (
  tenant text not null,
  sequence bigint not null,
  previous_hash text not null,
  hash text not null,
  action text not null,
  ticket_id text,
  -- Canonical JSON, as it was hashed.
  content text not null,
  primary key (tenant, sequence)
);
create index audit_events_by_ticket on safety_gate.audit_events (tenant, ticket_id) where ticket_id is not null;

-- Where each chain ends; its sequence is the version that writers are held to.
create table safety_gate.audit_heads (
  tenant text primary key,
  sequence bigint not null,
  hash text not null
);
