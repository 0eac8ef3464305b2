import { type Read, sql } from "@opsdesk/database";

export interface ProjectedVersion {
  readonly tenant: string;
  readonly sourceId: string;
  readonly version: number;
}

/** A chunk and all that decides whether it may be found, as Postgres knows it now. */
export interface ProjectedChunk extends ProjectedVersion {
  readonly chunkId: string;
  readonly revision: number;
  readonly kind: string;
  readonly product: string | null;
  readonly site: string | null;
  readonly locale: string;
  readonly audience: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly supersededAt: Date | null;
  readonly context: string;
  readonly content: string;
}

const chunkColumns = sql`
  c.tenant, c.chunk_id as "chunkId", c.source_id as "sourceId", c.version, s.revision, v.kind, v.product, v.site, v.locale, v.audience,
  v.valid_from as "validFrom", v.valid_to as "validTo", v.superseded_at as "supersededAt", c.context, c.content`;

const chunkTables = sql`
  join retrieval.knowledge_sources s on s.tenant = v.tenant and s.source_id = v.source_id
  join retrieval.knowledge_chunks c on c.tenant = v.tenant and c.source_id = v.source_id and c.version = v.version`;

/** The chunks of the named versions. */
export async function chunksOfVersions(
  read: Read,
  versions: readonly ProjectedVersion[],
): Promise<readonly ProjectedChunk[]> {
  if (versions.length === 0) return [];
  return await read.query<ProjectedChunk>(sql`
    select ${chunkColumns}
    from (select distinct * from unnest(${versions.map((one) => one.tenant)}::text[], ${versions.map((one) => one.sourceId)}::text[],
      ${versions.map((one) => one.version)}::int[]) u(tenant, source_id, version)) r
    join retrieval.source_versions v on v.tenant = r.tenant and v.source_id = r.source_id and v.version = r.version and v.state = 'indexed'
    ${chunkTables}`);
}

/** Every version of the sources that was ever indexed. */
export async function versionsOfSources(
  read: Read,
  sources: readonly { readonly tenant: string; readonly sourceId: string }[],
): Promise<readonly ProjectedVersion[]> {
  if (sources.length === 0) return [];
  return await read.query<ProjectedVersion>(sql`
    select v.tenant, v.source_id as "sourceId", v.version
    from (select distinct * from unnest(${sources.map((one) => one.tenant)}::text[], ${sources.map((one) => one.sourceId)}::text[]) u(tenant, source_id)) r
    join retrieval.source_versions v on v.tenant = r.tenant and v.source_id = r.source_id and v.state = 'indexed'`);
}

/** Versions of all tenants that can be found now or later, in order, after `cursor`: to fill an empty index from. */
export async function livingVersions(
  read: Read,
  cursor: ProjectedVersion | undefined,
  at: string,
  limit: number,
): Promise<readonly ProjectedVersion[]> {
  return await read.query<ProjectedVersion>(sql`
    select tenant, source_id as "sourceId", version from retrieval.source_versions
    where state = 'indexed' and (superseded_at is null or superseded_at > ${at}::timestamptz)
      and (tenant, source_id, version) > (${cursor?.tenant ?? ""}, ${cursor?.sourceId ?? ""}, ${cursor?.version ?? 0}::int)
    order by tenant, source_id, version limit ${limit}`);
}

export interface ProjectedSource {
  readonly tenant: string;
  readonly sourceId: string;
  readonly revision: number;
  readonly retired: boolean;
}

/** What the graph holds of sources. */
export async function sourcesProjected(
  read: Read,
  sources: readonly { readonly tenant: string; readonly sourceId: string }[],
): Promise<readonly ProjectedSource[]> {
  if (sources.length === 0) return [];
  return await read.query<ProjectedSource>(sql`
    select s.tenant, s.source_id as "sourceId", s.revision, s.retired_at is not null as retired
    from (select distinct * from unnest(${sources.map((one) => one.tenant)}::text[], ${sources.map((one) => one.sourceId)}::text[]) u(tenant, source_id)) r
    join retrieval.knowledge_sources s on s.tenant = r.tenant and s.source_id = r.source_id`);
}
