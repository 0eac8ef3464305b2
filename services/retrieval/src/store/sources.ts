import { type Read, type Sql, sql } from "@opsdesk/database";

export interface SourceRef {
  readonly tenant: string;
  readonly sourceId: string;
}

export interface SourceState extends SourceRef {
  readonly latestVersion: number;
  readonly revision: number;
  readonly retired: boolean;
  /** Of the latest version. */
  readonly fingerprint: string;
  readonly failed: boolean;
  /** The newest version that was indexed and not retired since. */
  readonly indexedVersion: number | null;
}

/** One key for a source of a tenant; neither part holds a control character. */
export const sourceKey = ({ tenant, sourceId }: SourceRef): string => `${tenant}\u001f${sourceId}`;

const refs = (sources: readonly SourceRef[]): Sql =>
  sql`unnest(${sources.map((source) => source.tenant)}::text[], ${sources.map((source) => source.sourceId)}::text[]) r(tenant, source_id)`;

/** What is known of each source, by `sourceKey`; one that was never submitted is absent. */
export async function sourcesByKey(
  read: Read,
  sources: readonly SourceRef[],
): Promise<ReadonlyMap<string, SourceState>> {
  const rows = await read.query<SourceState>(sql`
    select s.tenant, s.source_id as "sourceId", s.latest_version as "latestVersion", s.revision, s.retired_at is not null as retired,
           v.fingerprint, v.state = 'failed' as failed,
           (select max(i.version) from retrieval.source_versions i
            where i.tenant = s.tenant and i.source_id = s.source_id and i.state = 'indexed') as "indexedVersion"
    from (select distinct tenant, source_id from ${refs(sources)}) r
    join retrieval.knowledge_sources s on s.tenant = r.tenant and s.source_id = r.source_id
    join retrieval.source_versions v on v.tenant = s.tenant and v.source_id = s.source_id and v.version = s.latest_version`);
  return new Map(rows.map((row) => [sourceKey(row), row]));
}

/** Holds the sources at the revisions that were seen; answers a row for each that nobody has changed since. */
export const sourcesHeld = (seen: readonly (SourceRef & { readonly seenRevision: number })[]): Sql => sql`
  select 1 from retrieval.knowledge_sources s
  join unnest(${seen.map((source) => source.tenant)}::text[], ${seen.map((source) => source.sourceId)}::text[],
              ${seen.map((source) => source.seenRevision)}::bigint[]) g(tenant, source_id, revision)
    on s.tenant = g.tenant and s.source_id = g.source_id
  where s.revision = g.revision for update of s`;

export interface NewVersion extends SourceRef {
  readonly version: number;
  readonly fingerprint: string;
  readonly contentHash: string;
  readonly title: string;
  readonly uri: string;
  readonly kind: string;
  readonly product: string | null;
  readonly site: string | null;
  readonly locale: string;
  readonly audience: string;
  readonly contentType: string;
  readonly content: string | null;
  readonly blobRef: string | null;
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly submittedAt: string;
}

export const versionsAdded = (rows: readonly NewVersion[]): Sql => {
  const texts = (pick: (row: NewVersion) => string | null): Sql => sql`${rows.map(pick)}::text[]`;
  return sql`
    insert into retrieval.source_versions (tenant, source_id, version, fingerprint, content_hash, title, uri, kind, product, site,
      locale, audience, content_type, content, blob_ref, valid_from, valid_to, submitted_at, state, chunks)
    select u.*, 'submitted', 0
    from unnest(${texts((row) => row.tenant)}, ${texts((row) => row.sourceId)}, ${rows.map((row) => row.version)}::int[],
      ${texts((row) => row.fingerprint)}, ${texts((row) => row.contentHash)}, ${texts((row) => row.title)}, ${texts((row) => row.uri)},
      ${texts((row) => row.kind)}, ${texts((row) => row.product)}, ${texts((row) => row.site)}, ${texts((row) => row.locale)},
      ${texts((row) => row.audience)}, ${texts((row) => row.contentType)}, ${texts((row) => row.content)}, ${texts((row) => row.blobRef)},
      ${rows.map((row) => row.validFrom)}::timestamptz[], ${rows.map((row) => row.validTo)}::timestamptz[],
      ${rows.map((row) => row.submittedAt)}::timestamptz[]) u`;
};

/** One row a source: its newest version, brought back if it was retired. */
export const sourcesSubmitted = (
  rows: readonly (SourceRef & { version: number; revision: number; submittedAt: string })[],
): Sql => sql`
  insert into retrieval.knowledge_sources (tenant, source_id, latest_version, revision, submitted_at)
  select * from unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sourceId)}::text[],
    ${rows.map((row) => row.version)}::int[], ${rows.map((row) => row.revision)}::bigint[], ${rows.map((row) => row.submittedAt)}::timestamptz[])
  on conflict (tenant, source_id) do update set latest_version = excluded.latest_version, revision = excluded.revision,
    submitted_at = excluded.submitted_at, retired_at = null, retired_reason = null`;

interface Retired extends SourceRef {
  readonly seenRevision: number;
  readonly reason: string;
  readonly at: string;
}

/** Ends every version of the sources: what is indexed at `at`, what still waits never begins. */
export const sourcesRetired = (rows: readonly Retired[]): readonly Sql[] => {
  const u = sql`unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sourceId)}::text[],
    ${rows.map((row) => row.reason)}::text[], ${rows.map((row) => row.at)}::timestamptz[]) u(tenant, source_id, reason, at)`;
  return [
    sql`update retrieval.knowledge_sources s set retired_at = u.at, retired_reason = u.reason, revision = s.revision + 1
        from ${u} where s.tenant = u.tenant and s.source_id = u.source_id`,
    sql`update retrieval.source_versions v set
          superseded_at = case when v.state = 'indexed' then least(v.superseded_at, u.at) end,
          failure = case when v.state = 'submitted' then 'source_retired' else v.failure end,
          state = case when v.state = 'submitted' then 'skipped' else v.state end
        from ${u} where v.tenant = u.tenant and v.source_id = u.source_id and v.state in ('submitted', 'indexed')`,
  ];
};
