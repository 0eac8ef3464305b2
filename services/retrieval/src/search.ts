import type { Read } from "@opsdesk/database";
import type { Embeddings } from "./clients/embeddings.ts";
import { type Answer, assemble, type FoundChunk } from "./decide/assemble.ts";
import type { Degraded } from "./decide/degraded.ts";
import { fuse } from "./decide/fuse.ts";
import { searchedText } from "./decide/index-source.ts";
import type { RetrievalPolicy } from "./decide/retrieval-policy.ts";
import { anyTermOf, searchedIdentifiers, termsOf } from "./decide/terms.ts";
import { type GuardedLexical, lexicalLeg } from "./lexical-leg.ts";
import { type QuotableChunk, quotableChunks, searchLegs, type SearchFilters } from "./store/search.ts";

export interface SearchRequest {
  readonly tenant: string;
  readonly text: string;
  /** The language whose stop words and stems the text has. */
  readonly locale: string;
  readonly filters: SearchFilters;
  readonly preferredSources: readonly string[];
  /** Findings wanted. */
  readonly limit: number;
}

export interface SearchPorts {
  readonly embeddings: Embeddings;
  readonly policy: RetrievalPolicy;
  /** Absent: Postgres answers the lexical leg with the others, in one statement. */
  readonly lexical?: GuardedLexical | undefined;
}

export interface Searched {
  /** In the order of requests. */
  readonly answers: readonly Answer[];
  /** Which store answered the lexical leg; the others are always answered by Postgres. */
  readonly lexical: "postgres" | "opensearch";
  readonly degraded: readonly Degraded[];
}

/** A long message repeats itself; what comes after so many different words changes no ranking worth the time. */
const TERMS_MAX = 128;

const REMEMBERED_MAX = 2_000;
/** Stemming eight chunks costs more than finding them, and the same chunks answer most tickets. By content, so never stale. */
const remembered = new Map<string, ReadonlySet<string>>();

function termsOfChunk({ quoteHash, context, content, locale }: QuotableChunk): ReadonlySet<string> {
  const key = `${quoteHash}${locale}${context}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  // All at once rather than by age: filling it again takes less than keeping an order would.
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  const terms = new Set(termsOf(searchedText({ context, text: content }), locale));
  remembered.set(key, terms);
  return terms;
}

/**
 * Searches for a whole batch at one moment (RFC 3339): embeds, runs every leg, fuses, and reads the chunks of the
 * best hits against their live versions. Two statements, however many requests.
 */
export async function search(
  read: Read,
  { embeddings, lexical, policy }: SearchPorts,
  requests: readonly SearchRequest[],
  at: string,
): Promise<Searched> {
  if (requests.length === 0) return { answers: [], lexical: lexical?.search.store ?? "postgres", degraded: [] };
  const vectors = await embeddings.embed(
    requests.map((request) => request.text),
    "query",
  );
  const terms = requests.map(({ locale, text }) => [...new Set(termsOf(text, locale))].slice(0, TERMS_MAX));
  const queries = requests.map((request, index) => ({
    tenant: request.tenant,
    embeddingModel: embeddings.model,
    embedding: vectors[index] ?? new Float32Array(embeddings.dimensions),
    // Without terms the statement's own lexical leg finds nothing.
    terms: lexical === undefined ? anyTermOf(terms[index] ?? []) : "",
    identifiers: searchedIdentifiers(request.text),
    filters: request.filters,
  }));
  const limitMax = Math.max(...requests.map((request) => request.limit));
  const legLimit = Math.max(policy.legLimit, limitMax);
  const [rows, byWords] = await Promise.all([
    searchLegs(read, queries, at, legLimit),
    lexical === undefined
      ? undefined
      : lexicalLeg(
          read,
          lexical,
          requests.map(({ filters, tenant }, index) => ({ tenant, filters, terms: terms[index] ?? [] })),
          at,
          legLimit,
        ),
  ]);
  const legs = Map.groupBy([...rows, ...(byWords?.rows ?? [])], (row) => row.query);
  const fused = requests.map(({ preferredSources }, index) =>
    fuse(legs.get(index) ?? [], policy, { now: at, preferredSources: new Set(preferredSources) }),
  );
  const wanted = requests.flatMap(({ tenant, limit }, index) =>
    (fused[index] ?? []).slice(0, limit).map(({ chunkId }) => ({ tenant, chunkId })),
  );
  const chunks = new Map<string, FoundChunk & QuotableChunk>(
    (await quotableChunks(read, wanted, at)).map((chunk) => [
      `${chunk.tenant}:${chunk.chunkId}`,
      { ...chunk, terms: termsOfChunk(chunk) },
    ]),
  );
  const answers = requests.map((request, index) => {
    const hits = fused[index] ?? [];
    const { tenant, filters, limit } = request;
    const found = new Map<string, FoundChunk>();
    for (const { chunkId } of hits.slice(0, limit)) {
      const chunk = chunks.get(`${tenant}:${chunkId}`);
      if (chunk !== undefined && (filters.audience === undefined || chunk.audience === filters.audience))
        found.set(chunkId, chunk);
    }
    return assemble(request, hits, found, policy, limit);
  });
  return { answers, lexical: byWords?.store ?? "postgres", degraded: byWords?.degraded ?? [] };
}
