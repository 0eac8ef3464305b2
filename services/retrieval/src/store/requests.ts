import { type Read, type Sql, sql } from "@opsdesk/database";

export interface RequestRef {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
}

interface RequestRow extends RequestRef {
  readonly aggregateVersion: number;
  readonly reference: string;
  readonly searchText: string;
  readonly locale: string;
  readonly preferredSources: readonly string[];
}

export interface StoredRequest extends RequestRow {
  readonly requestedAt: Date;
  /** Sources of the tenant that wait for their first version to be indexed. */
  readonly firstVersionsWaiting: number;
  /** What the ticket is about. */
  readonly anchors: readonly { readonly kind: "site" | "asset" | "category"; readonly id: string }[];
}

export const requestKey = ({ tenant, ticketId, conversationVersion }: RequestRef): string =>
  `${tenant}\u001f${ticketId}\u001f${conversationVersion}`;

const PARTED = "\u001f";

/** How long a version may wait before nobody waits for it any more. */
const RECENT = sql`interval '30 seconds'`;

/** Kept requests by `requestKey`. */
export async function requestsByKey(
  read: Read,
  refs: readonly RequestRef[],
  at: string,
): Promise<ReadonlyMap<string, StoredRequest>> {
  const rows = await read.query<StoredRequest>(sql`
    with waiting as (
      select w.tenant, count(*)::int as sources from retrieval.source_versions w
      where w.state = 'submitted' and w.tenant = any(${[...new Set(refs.map((ref) => ref.tenant))]}::text[])
        and w.submitted_at > ${at}::timestamptz - ${RECENT}
        and not exists (select from retrieval.source_versions i where i.tenant = w.tenant and i.source_id = w.source_id and i.state = 'indexed')
      group by w.tenant
    )
    select q.tenant, q.ticket_id as "ticketId", q.conversation_version as "conversationVersion", q.aggregate_version as "aggregateVersion",
           q.reference, q.search_text as "searchText", q.locale, q.preferred_sources as "preferredSources", q.requested_at as "requestedAt",
           coalesce(w.sources, 0) as "firstVersionsWaiting", coalesce(e.anchors, '[]'::json) as anchors
    from unnest(${refs.map((ref) => ref.tenant)}::text[], ${refs.map((ref) => ref.ticketId)}::text[],
                ${refs.map((ref) => ref.conversationVersion)}::int[]) r(tenant, ticket_id, conversation_version)
    join retrieval.retrieval_requests q on q.tenant = r.tenant and q.ticket_id = r.ticket_id and q.conversation_version = r.conversation_version
    left join waiting w on w.tenant = q.tenant
    left join lateral (
      select json_agg(json_build_object('kind', g.kind, 'id', g.target) order by g.kind, g.target) as anchors
      from retrieval.graph_edges g where g.tenant = q.tenant and g.ticket_id = q.ticket_id and g.kind <> 'source'
    ) e on true`);
  return new Map(rows.map((row) => [requestKey(row), row]));
}

/** One row a conversation version; triaged again, the newer triage counts. */
export const requestsKept = (rows: readonly (RequestRow & { readonly requestedAt: string })[]): Sql => sql`
  insert into retrieval.retrieval_requests (tenant, ticket_id, conversation_version, aggregate_version, reference, search_text, locale, preferred_sources, requested_at)
  select u.tenant, u.ticket_id, u.conversation_version, u.aggregate_version, u.reference, u.search_text, u.locale,
         coalesce(string_to_array(nullif(u.preferred_sources, ''), ${PARTED}), '{}'), u.requested_at
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.ticketId)}::text[], ${rows.map((row) => row.conversationVersion)}::int[],
    ${rows.map((row) => row.aggregateVersion)}::int[], ${rows.map((row) => row.reference)}::text[], ${rows.map((row) => row.searchText)}::text[],
    ${rows.map((row) => row.locale)}::text[], ${rows.map((row) => row.preferredSources.join(PARTED))}::text[],
    ${rows.map((row) => row.requestedAt)}::timestamptz[])
    u(tenant, ticket_id, conversation_version, aggregate_version, reference, search_text, locale, preferred_sources, requested_at)
  on conflict (tenant, ticket_id, conversation_version) do update set aggregate_version = excluded.aggregate_version,
    search_text = excluded.search_text, locale = excluded.locale, preferred_sources = excluded.preferred_sources, requested_at = excluded.requested_at
  where retrieval_requests.aggregate_version <= excluded.aggregate_version`;

interface RunRow extends RequestRef {
  readonly policy: string;
  readonly chunkIds: readonly string[];
  readonly run: {
    readonly runId: string;
    readonly outcome: string;
    readonly reason?: string;
    readonly model: string;
    readonly inputHash: string;
    readonly outputHash: string | null;
    readonly latencyMs: number;
    readonly startedAt: string;
  };
}

export const runsRecorded = (rows: readonly RunRow[]): Sql => sql`
  insert into retrieval.retrieval_runs (tenant, run_id, ticket_id, conversation_version, outcome, reason, model, policy, input_hash, output_hash,
    latency_ms, chunk_ids, started_at)
  select u.tenant, u.run_id, u.ticket_id, u.conversation_version, u.outcome, u.reason, u.model, u.policy, u.input_hash, u.output_hash,
    u.latency_ms, coalesce(string_to_array(nullif(u.chunk_ids, ''), ','), '{}'), u.started_at
  from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map(({ run }) => run.runId)}::text[], ${rows.map((row) => row.ticketId)}::text[],
    ${rows.map((row) => row.conversationVersion)}::int[], ${rows.map(({ run }) => run.outcome)}::text[], ${rows.map(({ run }) => run.reason ?? null)}::text[],
    ${rows.map(({ run }) => run.model)}::text[], ${rows.map((row) => row.policy)}::text[], ${rows.map(({ run }) => run.inputHash)}::text[],
    ${rows.map(({ run }) => run.outputHash)}::text[], ${rows.map(({ run }) => run.latencyMs)}::float8[],
    ${rows.map((row) => row.chunkIds.join(","))}::text[], ${rows.map(({ run }) => run.startedAt)}::timestamptz[])
    u(tenant, run_id, ticket_id, conversation_version, outcome, reason, model, policy, input_hash, output_hash, latency_ms, chunk_ids, started_at)
  on conflict (tenant, run_id) do nothing`;
