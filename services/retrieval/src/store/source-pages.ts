import { type Read, sql } from "@opsdesk/database";

export interface SourcePageRow {
  readonly sourceId: string;
  readonly title: string;
  readonly uri: string;
  readonly kind: string;
  readonly product: string | null;
  readonly site: string | null;
  readonly locale: string;
  readonly audience: string;
  readonly latestVersion: number;
  readonly latestState: "submitted" | "indexed" | "failed" | "skipped";
  readonly validFrom: Date;
  readonly liveVersion: number | null;
  readonly retiredAt: Date | null;
}

export interface VersionPageRow {
  readonly version: number;
  readonly state: "submitted" | "indexed" | "failed" | "skipped";
  readonly failure: string | null;
  readonly contentHash: string;
  readonly title: string;
  readonly chunks: number;
  readonly submittedAt: Date;
  readonly indexedAt: Date | null;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly supersededAt: Date | null;
}

/** A tenant's sources in order of id, after `cursor`; only `sourceId` where one is named. */
export async function sourcePage(
  read: Read,
  {
    tenant,
    sourceId,
    cursor,
    limit,
    at,
  }: { tenant: string; sourceId?: string; cursor?: string | undefined; limit: number; at: string },
): Promise<readonly SourcePageRow[]> {
  return await read.query<SourcePageRow>(sql`
    select s.source_id as "sourceId", v.title, v.uri, v.kind, v.product, v.site, v.locale, v.audience, s.latest_version as "latestVersion",
           v.state as "latestState", v.valid_from as "validFrom", s.retired_at as "retiredAt",
           (select max(l.version) from retrieval.source_versions l
            where l.tenant = s.tenant and l.source_id = s.source_id and l.state = 'indexed' and l.valid_from <= ${at}::timestamptz
              and (l.valid_to is null or l.valid_to > ${at}::timestamptz)
              and (l.superseded_at is null or l.superseded_at > ${at}::timestamptz)) as "liveVersion"
    from retrieval.knowledge_sources s
    join retrieval.source_versions v on v.tenant = s.tenant and v.source_id = s.source_id and v.version = s.latest_version
    where s.tenant = ${tenant} and (${sourceId ?? null}::text is null or s.source_id = ${sourceId ?? null}::text)
      and s.source_id > ${cursor ?? ""} order by s.source_id limit ${limit}`);
}

/** A source's newest versions, newest first. */
export async function versionPage(read: Read, tenant: string, sourceId: string): Promise<readonly VersionPageRow[]> {
  return await read.query<VersionPageRow>(sql`
    select version, state, failure, content_hash as "contentHash", title, chunks, submitted_at as "submittedAt", indexed_at as "indexedAt",
           valid_from as "validFrom", valid_to as "validTo", superseded_at as "supersededAt"
    from retrieval.source_versions where tenant = ${tenant} and source_id = ${sourceId} order by version desc limit 100`);
}

/** Whether a source was ever submitted with this content, and its newest version. */
export async function submittedContent(
  read: Read,
  tenant: string,
  sourceId: string,
  contentHash: string,
): Promise<{ known: boolean; latestVersion: number }> {
  const [row] = await read.query<{ known: boolean; latestVersion: number }>(sql`
    select coalesce(bool_or(content_hash = ${contentHash}), false) as known, coalesce(max(version), 0) as "latestVersion"
    from retrieval.source_versions where tenant = ${tenant} and source_id = ${sourceId}`);
  return row ?? { known: false, latestVersion: 0 };
}
