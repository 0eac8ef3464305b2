-- Everything that receiving, answering and closing needs, so that people can work with every other service stopped.

create table ingest.businesses (
  tenant text primary key,
  name text not null,
  desk jsonb not null,
  desk_version bigint not null,
  desk_hash text not null,
  -- Of the files last applied: the same pack again changes nothing. Empty until the first.
  files_hash text not null,
  examples_hash text not null,
  reference_prefix text not null,
  -- Above every number that a ticket has. The unique reference, not this, keeps two writers apart.
  next_number bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table ingest.api_keys (
  tenant text not null,
  key_id text not null,
  -- Of a 256-bit random key: the key itself is shown once and kept nowhere.
  sha256 text not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  primary key (tenant, key_id)
);

-- What the last pack submitted as knowledge: only what changed is submitted again.
create table ingest.desk_documents (
  tenant text not null,
  source_id text not null,
  content_hash text not null,
  primary key (tenant, source_id)
);

create table ingest.customers (
  tenant text not null,
  customer_id text not null,
  name text not null,
  email text,
  phone text,
  created_at timestamptz not null,
  primary key (tenant, customer_id)
);
create index customers_by_email on ingest.customers (tenant, email) where email is not null;
create index customers_by_phone on ingest.customers (tenant, phone) where phone is not null;

create table ingest.tickets (
  tenant text not null,
  ticket_id text not null,
  reference text not null,
  source text not null,
  external_id text,
  correlation_id text not null,
  channel text not null,
  customer_id text not null,
  subject text not null,
  status text not null,
  priority text not null,
  priority_by text not null,
  category_id text,
  category_by text not null,
  assignee_id text,
  snoozed_until timestamptz,
  merged_into text,
  response_due_at timestamptz not null,
  responded_at timestamptz,
  -- A breach is marked first and told after: `breach_version` is the aggregate version that its event carries.
  breach_version bigint,
  breach_told_at timestamptz,
  -- The conversation version whose triage these fields come from; 0 before the first.
  triaged_version bigint not null,
  last_message_id text not null,
  last_message_kind text not null,
  -- Whether the customer's newest message was sent by a machine: then no draft answers it.
  last_customer_automatic boolean not null,
  aggregate_version bigint not null,
  conversation_version bigint not null,
  -- Rises with every write, told or not: what optimistic writers compare.
  row_version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant, ticket_id)
);
create unique index tickets_by_reference on ingest.tickets (tenant, reference);
create index tickets_by_customer on ingest.tickets (tenant, customer_id);
create index tickets_awaiting_answer on ingest.tickets (response_due_at)
  where responded_at is null and breach_told_at is null and status in ('open', 'pending', 'snoozed');

create table ingest.ticket_messages (
  tenant text not null,
  message_id text not null,
  ticket_id text not null,
  kind text not null,
  author jsonb not null,
  source text,
  external_id text,
  -- The enquiry event that brought it; null for what people of the desk wrote.
  submission_id text,
  -- Of everything that was submitted: the same id with another hash is refused.
  submission_hash text,
  correlation_id text not null,
  source_text text not null,
  text_hash text not null,
  full_text_ref text,
  automatic boolean not null,
  conversation_version bigint not null,
  -- Replies: queued, sent, failed or undone; null for the rest.
  state text,
  origin text,
  draft_id text,
  channel_message_id text,
  -- A queued reply may be undone before, and is sent after.
  send_after timestamptz,
  sent_at timestamptz,
  at timestamptz not null,
  primary key (tenant, message_id)
);
alter table ingest.ticket_messages alter column source_text set storage external;
create index ticket_messages_by_ticket on ingest.ticket_messages (tenant, ticket_id, at);
create unique index ticket_messages_by_external_id on ingest.ticket_messages (tenant, source, external_id) where external_id is not null;
create index ticket_messages_by_submission on ingest.ticket_messages (tenant, submission_id) where submission_id is not null;
create unique index ticket_messages_by_channel_id on ingest.ticket_messages (tenant, channel_message_id) where channel_message_id is not null;
-- One draft leaves once, whatever else goes wrong.
create unique index ticket_messages_by_draft on ingest.ticket_messages (tenant, draft_id) where draft_id is not null;

create table ingest.ticket_documents (
  tenant text not null,
  document_id text not null,
  ticket_id text not null,
  message_id text not null,
  name text not null,
  blob_ref text not null,
  sha256 text not null,
  bytes bigint not null,
  content_type text not null,
  at timestamptz not null,
  primary key (tenant, document_id)
);
create index ticket_documents_by_ticket on ingest.ticket_documents (tenant, ticket_id);

create table ingest.ticket_drafts (
  tenant text not null,
  draft_id text not null,
  ticket_id text not null,
  conversation_version bigint not null,
  outcome text not null,
  -- pending, released, declined (a person decided against it) or retired.
  state text not null,
  retired_reason text,
  template_id text,
  sentences jsonb not null,
  -- The source versions that its sentences quote: [{ sourceId, version }].
  cites jsonb not null,
  proposed_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant, draft_id)
);
create index ticket_drafts_by_ticket on ingest.ticket_drafts (tenant, ticket_id);
-- A changed source is rare and a proposal is not, so the search pays and the insert does not.
create index ticket_drafts_pending on ingest.ticket_drafts (tenant) where state = 'pending';

create table ingest.follow_up_tasks (
  tenant text not null,
  follow_up_id text not null,
  ticket_id text not null,
  title text not null,
  owner_id text not null,
  due_at timestamptz not null,
  -- suggested (nobody has taken it up), open or done.
  status text not null,
  reason text,
  at timestamptz not null,
  done_at timestamptz,
  primary key (tenant, follow_up_id)
);
create index follow_up_tasks_by_ticket on ingest.follow_up_tasks (tenant, ticket_id);

create table ingest.contacts (
  tenant text not null,
  contact_id text not null,
  ticket_id text not null,
  channel text not null,
  reached boolean not null,
  said text not null,
  actor jsonb not null,
  at timestamptz not null,
  primary key (tenant, contact_id)
);
create index contacts_by_ticket on ingest.contacts (tenant, ticket_id);
