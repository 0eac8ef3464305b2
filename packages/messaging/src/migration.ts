/**
 * The tables that every slice needs to consume and publish. `require` turns "fewer rows than expected" into an
 * error, so that one statement can be all or nothing. Bodies are stored uncompressed: they live for seconds, and
 * compressing them cost more than everything else (lz4 is not built into every Postgres).
 */
export const messagingMigration = (schema: string): string => `
  create function ${schema}.require(held boolean, what text) returns boolean language plpgsql as $$
  begin
    if held then return true; end if;
    raise exception using errcode = 'OD001', message = what;
  end $$;

  create table ${schema}.inbox (
    consumer text not null,
    tenant text not null,
    source text not null,
    event_id text not null,
    outcome text not null,
    reason text,
    claimed_at timestamptz not null default now(),
    primary key (event_id, consumer, tenant, source)
  );
  create index inbox_by_age on ${schema}.inbox using brin (claimed_at);

  create table ${schema}.outbox (
    seq bigint generated always as identity primary key,
    cause_id text not null,
    topic text not null,
    key text,
    headers jsonb not null,
    value text not null,
    created_at timestamptz not null default now()
  );
  alter table ${schema}.outbox alter column value set storage external;
  create index outbox_by_cause on ${schema}.outbox (cause_id);

  create table ${schema}.deferred_events (
    seq bigint generated always as identity primary key,
    consumer text not null,
    tenant text not null,
    source text not null,
    event_id text not null,
    key text not null,
    until text not null,
    reason text not null,
    due_at timestamptz not null,
    give_up_at timestamptz not null,
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    headers jsonb not null,
    value text not null,
    created_at timestamptz not null default now()
  );
  create unique index deferred_events_by_event on ${schema}.deferred_events (event_id, consumer, tenant, source);
  create index deferred_events_by_key on ${schema}.deferred_events (consumer, key);
  create index deferred_events_by_until on ${schema}.deferred_events (until);
  create index deferred_events_by_due on ${schema}.deferred_events (due_at);

  create table ${schema}.dead_letters (
    id text primary key,
    consumer text not null,
    tenant text not null,
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    key text,
    event_id text,
    event_type text,
    headers jsonb not null,
    value text not null,
    code text not null,
    message text not null,
    status text not null default 'open' check (status in ('open', 'retried', 'replaced')),
    replaced_by text,
    created_at timestamptz not null default now(),
    closed_at timestamptz
  );
  create index dead_letters_open on ${schema}.dead_letters (consumer, key) where status = 'open';
  create index dead_letters_by_tenant on ${schema}.dead_letters (tenant, created_at);
`;

/**
 * What bounds those tables. Claims are forgotten when they are old enough, and where each consumer then stands is kept instead
 * (forget-claims.ts). Rows of the outbox and of deferred events live for moments: their dead ones are taken away before
 * there are more of them than of the living, however large the tables once were.
 */
export const retentionMigration = (schema: string): string => `
  create table ${schema}.inbox_marks (
    marked_at timestamptz not null,
    topic text not null,
    "partition" integer not null,
    end_offset bigint not null,
    primary key (marked_at, topic, "partition")
  );
  create table ${schema}.inbox_floors (
    consumer text not null,
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    marked_at timestamptz not null,
    raised_at timestamptz not null,
    primary key (consumer, topic, "partition")
  );
  create index inbox_by_claim on ${schema}.inbox (consumer, claimed_at);
  drop index ${schema}.inbox_by_age;
  create index dead_letters_closed on ${schema}.dead_letters (closed_at) where status <> 'open';

  alter table ${schema}.outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
  alter table ${schema}.deferred_events set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
  alter table ${schema}.inbox set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
`;

/**
 * What operators need besides: to close a letter that nothing can be made of, and to go on with a recovery that was
 * broken off from the same moment, which the inbox no longer tells once some of it has been made up for.
 */
export const operationsMigration = (schema: string): string => `
  alter table ${schema}.dead_letters drop constraint dead_letters_status_check;
  alter table ${schema}.dead_letters add constraint dead_letters_status_check
    check (status in ('open', 'retried', 'replaced', 'closed'));
  alter table ${schema}.dead_letters add column closed_because text;
  create table ${schema}.recoveries (
    restored_to timestamptz,
    begun_at timestamptz not null default now()
  );
`;
