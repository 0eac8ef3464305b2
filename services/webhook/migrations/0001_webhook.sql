create table webhook.desks (
  tenant text primary key,
  version bigint not null,
  body jsonb not null,
  key_hashes text[] not null
);
create index desks_by_key on webhook.desks using gin (key_hashes);

-- `sequence` is the number of the endpoint's newest delivery; it rises by one for each, without gaps.
create table webhook.webhook_endpoints (
  tenant text not null,
  endpoint_id text not null,
  name text not null,
  url text not null,
  owner_id text not null,
  contact text not null,
  team_id text,
  events text[] not null,
  origin text not null check (origin in ('desk', 'http')),
  status text not null check (status in ('enabled', 'disabled', 'deleted')),
  disabled_reason text,
  disabled_detail text,
  failing_since timestamptz,
  slow_until timestamptz,
  sequence bigint not null,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant, endpoint_id)
);
create unique index webhook_endpoints_by_name on webhook.webhook_endpoints (tenant, name) where status <> 'deleted';

-- AES-256-GCM, never in clear. The secret without `expires_at` is the newest; the others sign along until they expire.
create table webhook.endpoint_secrets (
  tenant text not null,
  endpoint_id text not null,
  secret_id text not null,
  sealed text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  primary key (tenant, endpoint_id, secret_id)
);

-- One row for an event and an endpoint. `lane` is what order is kept for: the ticket, or the event without one.
create table webhook.webhook_deliveries (
  tenant text not null,
  delivery_id text not null,
  endpoint_id text not null,
  lane text not null,
  event_id text not null,
  event_type text not null,
  ticket_id text,
  reference text,
  correlation_id text not null,
  sequence bigint not null,
  previous_id text,
  state text not null check (state in ('due', 'waiting', 'delivered', 'failed', 'held')),
  attempts integer not null,
  tries integer not null,
  last_status integer,
  last_code text,
  last_hash text,
  next_attempt_at timestamptz,
  finished_at timestamptz,
  body text not null,
  version bigint not null,
  created_at timestamptz not null,
  primary key (tenant, delivery_id)
);
create unique index webhook_deliveries_by_sequence on webhook.webhook_deliveries (tenant, endpoint_id, sequence);
create index webhook_deliveries_by_lane on webhook.webhook_deliveries (tenant, endpoint_id, lane, sequence desc);
create index webhook_deliveries_by_previous on webhook.webhook_deliveries (tenant, previous_id) where previous_id is not null;
create index webhook_deliveries_by_ticket on webhook.webhook_deliveries (tenant, ticket_id);
-- Bodies are read by key alone; compressing them costs more than the bytes.
alter table webhook.webhook_deliveries alter column body set storage external;

-- Each row's hash covers the one before it, so that a removed or altered attempt shows.
create table webhook.delivery_attempts (
  tenant text not null,
  delivery_id text not null,
  attempt integer not null,
  started_at timestamptz not null,
  latency_ms integer not null,
  code text not null,
  message text not null,
  status integer,
  request_headers text not null,
  response_headers text not null,
  response_body text not null,
  response_truncated boolean not null,
  content_hash text not null,
  previous_hash text,
  hash text not null,
  primary key (tenant, delivery_id, attempt)
);

-- Which ticket and proposal a decision link is about. `decision_hash` is that of the first decision made with it.
create table webhook.decision_links (
  tenant text not null,
  review_id text not null,
  ticket_id text not null,
  fingerprint text not null,
  token_hash text not null,
  correlation_id text not null,
  event_id text not null,
  expires_at timestamptz,
  decision_hash text,
  primary key (tenant, review_id)
);
create index decision_links_by_review on webhook.decision_links (review_id);

-- What a command by HTTP was answered, for its repetition.
create table webhook.endpoint_commands (
  tenant text not null,
  command_id text not null,
  content_hash text not null,
  reply jsonb not null,
  at timestamptz not null,
  primary key (tenant, command_id)
);
