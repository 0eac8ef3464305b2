-- What a ticket is about: structure only, no words of a message. `at` is when the ticket first spoke of it.
create table retrieval.graph_edges (
  tenant text not null,
  ticket_id text not null,
  kind text not null check (kind in ('site', 'asset', 'category', 'source')),
  target text not null,
  reference text not null,
  at timestamptz not null,
  aggregate_version integer not null,
  primary key (tenant, ticket_id, kind, target)
);
-- In the order that the newest neighbours are asked for, so that a category of many tickets is not sorted for each of them.
create index graph_edges_by_target on retrieval.graph_edges (tenant, kind, target, at desc, ticket_id);
create index source_versions_by_site on retrieval.source_versions (tenant, site) where site is not null;
