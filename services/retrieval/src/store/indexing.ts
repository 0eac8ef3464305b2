import { type Read, type Sql, sql } from "@opsdesk/database";
import { vectorText } from "./search.ts";

export interface VersionRef {
  readonly tenant: string;
  readonly sourceId: string;
  readonly version: number;
}

export interface WaitingRow extends VersionRef {
  readonly title: string;
  readonly locale: string;
  readonly contentType: string;
  readonly content: string | null;
  readonly blobRef: string | null;
  readonly contentHash: string;
  readonly state: "submitted" | "indexed" | "failed" | "skipped";
  readonly validFrom: Date;
  readonly revision: number;
  readonly retired: boolean;
  readonly indexedVersion: number | null;
  readonly liveVersion: number | null;
}

export const versionKey = ({ tenant, sourceId, version }: VersionRef): string =>
  `${tenant}\u001f${sourceId}\u001f${version}`;

/** Versions with what their sources have become, by `versionKey`. */
export async function versionsWaiting(
  read: Read,
  versions: readonly VersionRef[],
  at: string,
): Promise<ReadonlyMap<string, WaitingRow>> {
  const rows = await read.query<WaitingRow>(sql`
    select v.tenant, v.source_id as "sourceId", v.version, v.title, v.locale, v.content_type as "contentType", v.content, v.blob_ref as "blobRef",
           v.content_hash as "contentHash", v.state, v.valid_from as "validFrom", s.revision, s.retired_at is not null as retired,
           i."indexedVersion", i."liveVersion"
    from unnest(${versions.map((one) => one.tenant)}::text[], ${versions.map((one) => one.sourceId)}::text[],
                ${versions.map((one) => one.version)}::int[]) r(tenant, source_id, version)
    join retrieval.source_versions v on v.tenant = r.tenant and v.source_id = r.source_id and v.version = r.version
    join retrieval.knowledge_sources s on s.tenant = v.tenant and s.source_id = v.source_id
    cross join lateral (
      select max(o.version) as "indexedVersion",
             max(o.version) filter (where o.version < v.version and (o.superseded_at is null or o.superseded_at > ${at}::timestamptz)) as "liveVersion"
      from retrieval.source_versions o where o.tenant = v.tenant and o.source_id = v.source_id and o.state = 'indexed') i`);
  return new Map(rows.map((row) => [versionKey(row), row]));
}

interface SettledChunk {
  readonly chunkId: string;
  readonly ordinal: number;
  readonly section: string;
  readonly context: string;
  readonly content: string;
  readonly start: number;
  readonly end: number;
  readonly quoteHash: string;
  readonly embedding: Float32Array;
  readonly terms: string;
  readonly identifiers: readonly string[];
}

interface Settled extends VersionRef {
  readonly state: string;
  readonly failure: string | null;
  readonly at: string;
  readonly effectiveFrom: string | null;
  readonly embeddingModel: string;
  readonly chunks: readonly SettledChunk[];
}

// No identifier holds this character (the text it was found in would have to).
const PARTED = "\u001f";

const chunksAdded = (rows: readonly Settled[]): Sql => {
  const chunks = rows.flatMap((row) => row.chunks.map((chunk) => ({ ...chunk, row })));
  const texts = (pick: (chunk: (typeof chunks)[number]) => string): Sql => sql`${chunks.map(pick)}::text[]`;
  const numbers = (pick: (chunk: (typeof chunks)[number]) => number): Sql => sql`${chunks.map(pick)}::int[]`;
  return sql`
    insert into retrieval.knowledge_chunks (tenant, chunk_id, source_id, version, ordinal, section, context, content, start_offset, end_offset,
      quote_hash, embedding_model, dim, embedding, terms, identifiers)
    select u.tenant, u.chunk_id, u.source_id, u.version, u.ordinal, u.section, u.context, u.content, u.start_offset, u.end_offset,
      u.quote_hash, u.model, u.dim, u.embedding::public.vector, u.terms::tsvector, coalesce(string_to_array(nullif(u.identifiers, ''), ${PARTED}), '{}')
    from unnest(${texts((chunk) => chunk.row.tenant)}, ${texts((chunk) => chunk.chunkId)}, ${texts((chunk) => chunk.row.sourceId)},
      ${numbers((chunk) => chunk.row.version)}, ${numbers((chunk) => chunk.ordinal)}, ${texts((chunk) => chunk.section)},
      ${texts((chunk) => chunk.context)}, ${texts((chunk) => chunk.content)}, ${numbers((chunk) => chunk.start)}, ${numbers((chunk) => chunk.end)},
      ${texts((chunk) => chunk.quoteHash)}, ${texts((chunk) => chunk.row.embeddingModel)}, ${numbers((chunk) => chunk.embedding.length)},
      ${texts((chunk) => vectorText(chunk.embedding))}, ${texts((chunk) => chunk.terms)}, ${texts((chunk) => chunk.identifiers.join(PARTED))})
      u(tenant, chunk_id, source_id, version, ordinal, section, context, content, start_offset, end_offset, quote_hash, model, dim, embedding, terms, identifiers)`;
};

/** Settles versions, at most one of a source: their chunks, their state, and the end of what they take the place of. */
export const versionsSettled = (rows: readonly Settled[]): readonly Sql[] => {
  const u = sql`unnest(${rows.map((row) => row.tenant)}::text[], ${rows.map((row) => row.sourceId)}::text[], ${rows.map((row) => row.version)}::int[],
    ${rows.map((row) => row.state)}::text[], ${rows.map((row) => row.failure)}::text[], ${rows.map((row) => row.chunks.length)}::int[],
    ${rows.map((row) => row.at)}::timestamptz[], ${rows.map((row) => row.effectiveFrom)}::timestamptz[])
    u(tenant, source_id, version, state, failure, chunks, at, effective_from)`;
  return [
    chunksAdded(rows),
    // One update of the table: the settled version, and the older ones that it ends.
    sql`update retrieval.source_versions v set
          state = case when v.version = u.version then u.state else v.state end,
          failure = case when v.version = u.version then u.failure else v.failure end,
          chunks = case when v.version = u.version then u.chunks else v.chunks end,
          indexed_at = case when v.version = u.version and u.state = 'indexed' then u.at else v.indexed_at end,
          superseded_at = case when v.version = u.version then v.superseded_at else least(v.superseded_at, u.effective_from) end
        from ${u} where v.tenant = u.tenant and v.source_id = u.source_id
          and (v.version = u.version or (v.version < u.version and v.state = 'indexed' and u.state = 'indexed'))`,
    sql`update retrieval.knowledge_sources s set revision = s.revision + 1 from ${u} where s.tenant = u.tenant and s.source_id = u.source_id`,
  ];
};
