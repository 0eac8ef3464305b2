import { type Read, sql } from "@opsdesk/database";

export interface FactsWanted {
  readonly proposals: readonly {
    readonly tenant: string;
    readonly ticketId: string;
    readonly conversationVersion: number;
    readonly draftId: string;
    readonly customerId: string;
  }[];
  readonly sources: readonly { readonly tenant: string; readonly sourceId: string }[];
  /** How many automatic approvals matter at most: the highest caps of the tenants in question. */
  readonly hourMax: number;
  readonly dayMax: number;
}

interface SourceFact {
  readonly sourceId: string;
  readonly version: number | null;
  readonly retired: boolean;
}

export interface ProposalFacts {
  /** By tenant; `""` stands for the whole desk. */
  readonly stopped: ReadonlyMap<string, readonly string[]>;
  readonly tickets: ReadonlyMap<string, { readonly conversationVersion: number; readonly closed: boolean }>;
  readonly gated: ReadonlyMap<string, string>;
  readonly reviewed: ReadonlyMap<string, { readonly ticketId: string; readonly conversationVersion: number }>;
  readonly sources: ReadonlyMap<string, SourceFact>;
  readonly approvals: ReadonlyMap<string, readonly number[]>;
  readonly heads: ReadonlyMap<string, { readonly sequence: number; readonly hash: string }>;
}

interface Row {
  readonly stopped: readonly { tenant: string; ids: string[] }[];
  readonly tickets: readonly { key: string; version: number; closed: boolean }[];
  readonly gated: readonly { key: string; draft: string }[];
  readonly reviewed: readonly { key: string; ticket: string; version: number }[];
  readonly sources: readonly { key: string; id: string; version: number; retired: number }[];
  readonly approvals: readonly { key: string; at: number[] }[];
  readonly heads: readonly { tenant: string; sequence: number; hash: string }[];
}

const unique = <Value>(values: readonly Value[], key: (value: Value) => string): readonly Value[] => [
  ...new Map(values.map((value) => [key(value), value])).values(),
];

/** All that a batch of proposals needs besides its desks, in one statement. Keys are the parts joined by a space. */
export async function proposalFacts(
  read: Read,
  { proposals, sources, hourMax, dayMax }: FactsWanted,
): Promise<ProposalFacts> {
  const tenants = [...new Set(proposals.map(({ tenant }) => tenant))];
  const customers = unique(proposals, ({ tenant, customerId }) => `${tenant} ${customerId}`);
  const places = sql`unnest(${proposals.map((p) => p.tenant)}::text[], ${proposals.map((p) => p.ticketId)}::text[],
    ${proposals.map((p) => p.conversationVersion)}::bigint[]) u(tenant, ticket_id, conversation_version)`;
  const [row] = await read.query<Row>(sql`select
    (select coalesce(jsonb_agg(x), '[]') from (
      select tenant, jsonb_agg(category_id) as ids from safety_gate.gate_policies where stopped and tenant = any(${tenants}::text[]) group by tenant) x) as stopped,
    (select coalesce(jsonb_agg(x), '[]') from (
      select distinct t.tenant || ' ' || t.ticket_id as key, t.conversation_version as version, t.closed
      from ${places} join safety_gate.known_tickets t on t.tenant = u.tenant and t.ticket_id = u.ticket_id) x) as tickets,
    (select coalesce(jsonb_agg(x), '[]') from (
      select d.tenant || ' ' || d.ticket_id || ' ' || d.conversation_version as key, d.draft_id as draft
      from ${places} join safety_gate.dispositions d
        on d.tenant = u.tenant and d.ticket_id = u.ticket_id and d.conversation_version = u.conversation_version) x) as gated,
    (select coalesce(jsonb_agg(x), '[]') from (
      select r.tenant || ' ' || r.draft_id as key, r.ticket_id as ticket, r.conversation_version as version
      from unnest(${proposals.map((p) => p.tenant)}::text[], ${proposals.map((p) => p.draftId)}::text[]) u(tenant, draft_id)
      join safety_gate.draft_reviews r on r.tenant = u.tenant and r.draft_id = u.draft_id) x) as reviewed,
    (select coalesce(jsonb_agg(x), '[]') from (
      select s.tenant || ' ' || s.source_id as key, s.source_id as id, s.version, s.retired_version as retired
      from unnest(${sources.map((s) => s.tenant)}::text[], ${sources.map((s) => s.sourceId)}::text[]) u(tenant, source_id)
      join safety_gate.known_sources s on s.tenant = u.tenant and s.source_id = u.source_id) x) as sources,
    (select coalesce(jsonb_agg(x), '[]') from (
      select u.tenant as key, a.at from unnest(${tenants}::text[]) u(tenant), lateral (
        select jsonb_agg(l.at) as at from (
          select (extract(epoch from d.decided_at) * 1000)::bigint as at from safety_gate.dispositions d
          where d.tenant = u.tenant and d.verdict = 'auto_send' order by d.decided_at desc limit ${hourMax}) l) a
      where a.at is not null
      union all
      select u.tenant || ' ' || u.customer_id, a.at
      from unnest(${customers.map((c) => c.tenant)}::text[], ${customers.map((c) => c.customerId)}::text[]) u(tenant, customer_id), lateral (
        select jsonb_agg(l.at) as at from (
          select (extract(epoch from d.decided_at) * 1000)::bigint as at from safety_gate.dispositions d
          where d.tenant = u.tenant and d.customer_id = u.customer_id and d.verdict = 'auto_send' order by d.decided_at desc limit ${dayMax}) l) a
      where a.at is not null) x) as approvals,
    (select coalesce(jsonb_agg(x), '[]') from (
      select tenant, sequence, hash from safety_gate.audit_heads where tenant = any(${tenants}::text[])) x) as heads`);
  return {
    stopped: new Map(row?.stopped.map(({ tenant, ids }) => [tenant, ids])),
    tickets: new Map(row?.tickets.map(({ key, version, closed }) => [key, { conversationVersion: version, closed }])),
    gated: new Map(row?.gated.map(({ key, draft }) => [key, draft])),
    reviewed: new Map(
      row?.reviewed.map(({ key, ticket, version }) => [key, { ticketId: ticket, conversationVersion: version }]),
    ),
    sources: new Map(
      row?.sources.map(({ key, id, version, retired }) => [
        key,
        // A withdrawal that overtook the version it withdraws is heard of first.
        { sourceId: id, version: version === 0 ? null : version, retired: retired > 0 && retired >= version },
      ]),
    ),
    approvals: new Map(row?.approvals.map(({ key, at }) => [key, at])),
    heads: new Map(row?.heads.map(({ tenant, sequence, hash }) => [tenant, { sequence, hash }])),
  };
}
