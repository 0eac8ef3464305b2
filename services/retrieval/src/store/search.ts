import { type Read, sql } from "@opsdesk/database";

/** What a search may look at; an absent filter admits everything. The tenant is not a filter and never absent. */
export interface SearchFilters {
  readonly kind?: string | undefined;
  readonly product?: string | undefined;
  readonly site?: string | undefined;
  readonly locale?: string | undefined;
  readonly audience?: string | undefined;
}

export interface SearchQuery {
  readonly tenant: string;
  readonly embeddingModel: string;
  readonly embedding: Float32Array;
  /** The text form of a `tsquery`; empty where there are no terms. */
  readonly terms: string;
  readonly identifiers: readonly string[];
  readonly filters: SearchFilters;
}

export interface LegRow {
  /** Which of the queries. */
  readonly query: number;
  readonly leg: "dense" | "lexical" | "identifier";
  readonly chunkId: string;
  readonly sourceId: string;
  readonly kind: string;
  /** RFC 3339. */
  readonly validFrom: string;
  readonly rank: number;
  readonly score: number;
}

/** A leg's hits for one query, best first: one row, since a row a hit costs the driver more than the search does. */
interface LegAnswer {
  readonly query: number;
  readonly leg: LegRow["leg"];
  readonly hits: readonly (readonly [
    chunkId: string,
    sourceId: string,
    kind: string,
    validFrom: string,
    score: number,
  ])[];
}

/** No identifier, tenant or filter holds this character, so lists of them can travel in one text. */
const PARTED = "\u001f";

const orNull = (values: readonly (string | undefined)[]): (string | null)[] => values.map((value) => value ?? null);

/** The text form of a pgvector value. */
export const vectorText = (vector: Float32Array): string => `[${vector.join(",")}]`;

/** Searches of one tenant with equal filters look at the same chunks, which are then read once for all of them. */
function groupsOf(queries: readonly SearchQuery[]): { groups: readonly SearchQuery[]; groupOf: readonly number[] } {
  const groups = new Map<string, { at: number; query: SearchQuery }>();
  const groupOf = queries.map((query) => {
    const { kind, product, site, locale, audience } = query.filters;
    const key = JSON.stringify([query.tenant, query.embeddingModel, kind, product, site, locale, audience]);
    const group = groups.get(key) ?? { at: groups.size, query };
    groups.set(key, group);
    return group.at;
  });
  return { groups: [...groups.values()].map((group) => group.query), groupOf };
}

/**
 * The best chunks of every leg for every query at one moment (RFC 3339), `legLimit` a leg, in one statement.
 *
 * `quotable` is all that any leg sees: the tenant's chunks of versions that may be quoted at that moment, filtered.
 * Dense is exact: pgvector sorts what the filters leave; vectors of another model than the query's are not compared.
 */
export async function searchLegs(
  read: Read,
  queries: readonly SearchQuery[],
  at: string,
  legLimit: number,
): Promise<readonly LegRow[]> {
  if (queries.length === 0) return [];
  const { groups, groupOf } = groupsOf(queries);
  const filters = groups.map((group) => group.filters);
  const answers = await read.query<LegAnswer>(sql`
    with g as materialized (
      select * from unnest(
        ${groups.map((_, index) => index)}::int[], ${groups.map((group) => group.tenant)}::text[], ${groups.map((group) => group.embeddingModel)}::text[],
        ${orNull(filters.map((filter) => filter.kind))}::text[], ${orNull(filters.map((filter) => filter.product))}::text[],
        ${orNull(filters.map((filter) => filter.site))}::text[], ${orNull(filters.map((filter) => filter.locale))}::text[],
        ${orNull(filters.map((filter) => filter.audience))}::text[]) u(id, tenant, model, kind, product, site, locale, audience)
    ), q as materialized (
      select u.query::int - 1 as query, u.group_id, u.embedding::public.vector(384) as embedding, u.terms::tsquery as terms,
             string_to_array(nullif(u.identifiers, ''), ${PARTED}) as identifiers
      from unnest(${groupOf}::int[], ${queries.map((query) => vectorText(query.embedding))}::text[],
                  ${queries.map((query) => query.terms)}::text[], ${queries.map((query) => query.identifiers.join(PARTED))}::text[])
           with ordinality u(group_id, embedding, terms, identifiers, query)
    ), quotable as materialized (
      select g.id as group_id, c.chunk_id, v.source_id, v.kind, v.valid_from, c.terms, c.identifiers,
             case when c.embedding_model = g.model then c.embedding end as embedding
      from g
      join retrieval.source_versions v on v.tenant = g.tenant
      join retrieval.knowledge_chunks c on c.tenant = v.tenant and c.source_id = v.source_id and c.version = v.version
      where v.state = 'indexed' and v.valid_from <= ${at}::timestamptz and (v.valid_to is null or v.valid_to > ${at}::timestamptz)
        and (v.superseded_at is null or v.superseded_at > ${at}::timestamptz)
        and (g.kind is null or v.kind = g.kind) and (g.product is null or v.product = g.product)
        and (g.site is null or v.site = g.site) and (g.locale is null or v.locale = g.locale)
        and (g.audience is null or v.audience = g.audience)
    )
    select q.query, h.leg, json_agg(json_build_array(h.chunk_id, h.source_id, h.kind, h.valid_from, h.score) order by h.score desc, h.chunk_id) as hits
    from q cross join lateral (
      (select 'dense' as leg, c.chunk_id, c.source_id, c.kind, c.valid_from, 1 - (c.embedding operator(public.<=>) q.embedding) as score
       from quotable c
       -- At a distance of 1 nothing is alike; a text without content words has no direction, and a distance of NaN.
       where c.group_id = q.group_id and (c.embedding operator(public.<=>) q.embedding) < 1
       order by score desc, c.chunk_id limit ${legLimit})
      union all
      (select 'lexical', c.chunk_id, c.source_id, c.kind, c.valid_from, ts_rank(c.terms, q.terms, 1) as score
       from quotable c where c.group_id = q.group_id and c.terms @@ q.terms
       order by score desc, c.chunk_id limit ${legLimit})
      union all
      (select 'identifier', c.chunk_id, c.source_id, c.kind, c.valid_from, cardinality(array(select unnest(c.identifiers) intersect select unnest(q.identifiers))) as score
       from quotable c where q.identifiers is not null and c.group_id = q.group_id and c.identifiers && q.identifiers
       order by score desc, c.chunk_id limit ${legLimit})
    ) h
    group by q.query, h.leg order by q.query, h.leg`);
  return answers.flatMap(({ query, leg, hits }) =>
    hits.map(([chunkId, sourceId, kind, validFrom, score], index) => ({
      query,
      leg,
      chunkId,
      sourceId,
      kind,
      validFrom,
      rank: index + 1,
      score,
    })),
  );
}

export interface QuotableChunk {
  readonly tenant: string;
  readonly audience: string;
  readonly chunkId: string;
  readonly sourceId: string;
  readonly version: number;
  readonly title: string;
  readonly uri: string;
  readonly kind: string;
  readonly locale: string;
  readonly section: string;
  readonly context: string;
  readonly content: string;
  readonly start: number;
  readonly end: number;
  readonly quoteHash: string;
}

export interface ChunkRequest {
  readonly tenant: string;
  readonly chunkId: string;
}

/**
 * Chunks as they may be quoted at this moment: whatever was retired, superseded or withheld from this audience
 * since the legs ran is absent. Each is read once, however many searches found it.
 */
export async function quotableChunks(
  read: Read,
  requests: readonly ChunkRequest[],
  at: string,
): Promise<readonly QuotableChunk[]> {
  if (requests.length === 0) return [];
  return await read.query<QuotableChunk>(sql`
    select c.tenant, v.audience, c.chunk_id as "chunkId", c.source_id as "sourceId", c.version, v.title, v.uri, v.kind, v.locale, c.section, c.context,
           c.content, c.start_offset as "start", c.end_offset as "end", c.quote_hash as "quoteHash"
    from (select distinct * from unnest(${requests.map((request) => request.tenant)}::text[], ${requests.map((request) => request.chunkId)}::text[])) u(tenant, chunk_id)
    join retrieval.knowledge_chunks c on c.tenant = u.tenant and c.chunk_id = u.chunk_id
    join retrieval.source_versions v on v.tenant = c.tenant and v.source_id = c.source_id and v.version = c.version
    where v.state = 'indexed' and v.valid_from <= ${at}::timestamptz and (v.valid_to is null or v.valid_to > ${at}::timestamptz)
      and (v.superseded_at is null or v.superseded_at > ${at}::timestamptz)`);
}
