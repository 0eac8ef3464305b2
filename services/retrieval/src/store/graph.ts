import { type Read, type Sql, sql } from "@opsdesk/database";

interface EdgeRow {
  readonly tenant: string;
  readonly ticketId: string;
  readonly kind: "site" | "asset" | "category" | "source";
  readonly target: string;
  readonly reference: string;
  readonly at: string;
  readonly aggregateVersion: number;
}

const NO_ROWS: readonly Sql[] = [];

/**
 * Adds edges, in any order and again. An edge keeps its first time; a ticket has one category, that of its newest version
 * with the time of that: of a category that was replaced and came back nobody knows the first. An edge is named once a call.
 */
export function edgesKept(rows: readonly EdgeRow[]): readonly Sql[] {
  if (rows.length === 0) return NO_ROWS;
  const u = sql`unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.kind)}::text[],
    ${rows.map((row) => row.target)}::text[], ${rows.map((row) => row.reference)}::text[], ${rows.map((row) => row.at)}::timestamptz[],
    ${rows.map((row) => row.aggregateVersion)}::int[]) u(tenant, ticket_id, kind, target, reference, at, aggregate_version)`;
  return [
    sql`delete from retrieval.graph_edges e using ${u}
        where e.tenant = u.tenant and e.ticket_id = u.ticket_id and e.kind = 'category' and u.kind = 'category'
          and e.target <> u.target and e.aggregate_version <= u.aggregate_version`,
    sql`insert into retrieval.graph_edges (tenant, ticket_id, kind, target, reference, at, aggregate_version)
        select u.* from ${u}
        where u.kind <> 'category' or not exists (
          select from retrieval.graph_edges e where e.tenant = u.tenant and e.ticket_id = u.ticket_id and e.kind = 'category'
            and e.target <> u.target and e.aggregate_version > u.aggregate_version)
        on conflict (tenant, ticket_id, kind, target) do update set
          at = case when excluded.kind <> 'category' then least(graph_edges.at, excluded.at)
            when excluded.aggregate_version >= graph_edges.aggregate_version then excluded.at else graph_edges.at end,
          aggregate_version = greatest(graph_edges.aggregate_version, excluded.aggregate_version)`,
  ];
}

/** Sites that a tenant's knowledge speaks of, by tenant. */
export async function sitesByTenant(
  read: Read,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await read.query<{ tenant: string; sites: readonly string[] }>(sql`
    select tenant, array_agg(distinct site) as sites from retrieval.source_versions
    where tenant = any(${[...new Set(tenants)]}::text[]) and site is not null group by tenant`);
  return new Map(rows.map((row) => [row.tenant, row.sites]));
}

interface NeighbourQueryRow {
  readonly tenant: string;
  readonly ticketId: string;
  readonly at: string;
  readonly anchors: readonly { readonly kind: "site" | "asset" | "category"; readonly id: string }[];
}

export interface NeighbourRow {
  readonly query: number;
  readonly kind: "site" | "asset" | "category";
  readonly id: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly at: Date;
}

/** The newest tickets of each anchor up to a moment, at most `limit` an anchor. */
export async function neighboursIn(
  read: Read,
  queries: readonly NeighbourQueryRow[],
  limit: number,
): Promise<readonly NeighbourRow[]> {
  const asked = queries.flatMap(({ anchors, ...query }, index) =>
    anchors.map((anchor) => ({ ...query, ...anchor, index })),
  );
  if (asked.length === 0) return [];
  return await read.query<NeighbourRow>(sql`
    select u.query, u.kind, u.id, n.ticket_id as "ticketId", n.reference, n.at
    from unnest(${asked.map((one) => one.index)}::int[], ${asked.map((one) => one.tenant)}::text[], ${asked.map((one) => one.ticketId)}::text[],
      ${asked.map((one) => one.kind)}::text[], ${asked.map((one) => one.id)}::text[], ${asked.map((one) => one.at)}::timestamptz[])
      u(query, tenant, ticket_id, kind, id, at)
    cross join lateral (
      select e.ticket_id, e.reference, e.at
      from retrieval.graph_edges e
      where e.tenant = u.tenant and e.kind = u.kind and e.target = u.id and e.at <= u.at and e.ticket_id <> u.ticket_id
      order by e.at desc, e.ticket_id limit ${limit}
    ) n`);
}

interface TicketKey {
  readonly tenant: string;
  readonly ticketId: string;
}

/** The sources that were found for each of these tickets and are not retired. A correlated read: a join reads every edge of the tenant. */
export async function sourcesFoundFor(
  read: Read,
  tickets: readonly TicketKey[],
): Promise<readonly (TicketKey & { readonly sourceIds: readonly string[] })[]> {
  if (tickets.length === 0) return [];
  return await read.query(sql`
    select u.tenant, u.ticket_id as "ticketId",
           array(select g.target from retrieval.graph_edges g
                 where g.tenant = u.tenant and g.ticket_id = u.ticket_id and g.kind = 'source'
                   and exists (select from retrieval.knowledge_sources s
                               where s.tenant = g.tenant and s.source_id = g.target and s.retired_at is null)
                 order by g.target) as "sourceIds"
    from unnest(${tickets.map((one) => one.tenant)}::text[], ${tickets.map((one) => one.ticketId)}::text[]) u(tenant, ticket_id)`);
}

/** Of these sources, those that are not retired. */
export async function sourcesKnown(
  read: Read,
  sources: readonly { readonly tenant: string; readonly sourceId: string }[],
): Promise<readonly { readonly tenant: string; readonly sourceId: string }[]> {
  if (sources.length === 0) return [];
  return await read.query(sql`
    select distinct s.tenant, s.source_id as "sourceId"
    from unnest(${sources.map((one) => one.tenant)}::text[], ${sources.map((one) => one.sourceId)}::text[]) u(tenant, source_id)
    join retrieval.knowledge_sources s on s.tenant = u.tenant and s.source_id = u.source_id and s.retired_at is null`);
}

export interface StoredEdge extends Omit<EdgeRow, "at"> {
  readonly at: Date;
}

const edgeColumns = sql`e.tenant, e.ticket_id as "ticketId", e.kind, e.target, e.reference, e.at, e.aggregate_version as "aggregateVersion"`;

/** All edges of the named tickets. */
export async function edgesOfTickets(read: Read, tickets: readonly TicketKey[]): Promise<readonly StoredEdge[]> {
  if (tickets.length === 0) return [];
  return await read.query<StoredEdge>(sql`
    select ${edgeColumns}
    from (select distinct * from unnest(${tickets.map((one) => one.tenant)}::text[], ${tickets.map((one) => one.ticketId)}::text[]) u(tenant, ticket_id)) r
    join retrieval.graph_edges e on e.tenant = r.tenant and e.ticket_id = r.ticket_id`);
}

/** Tickets of all tenants that have edges, in order, after `cursor`: to fill an empty graph from. */
export async function ticketsWithEdges(
  read: Read,
  cursor: TicketKey | undefined,
  limit: number,
): Promise<readonly TicketKey[]> {
  return await read.query(sql`
    select distinct tenant, ticket_id as "ticketId" from retrieval.graph_edges
    where (tenant, ticket_id) > (${cursor?.tenant ?? ""}, ${cursor?.ticketId ?? ""}) order by tenant, ticket_id limit ${limit}`);
}
