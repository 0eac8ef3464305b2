import { TransientError } from "@opsdesk/errors";
import type { LexicalHit, LexicalQuery, LexicalSearch } from "./lexical.ts";
import { asked, openSearchClient, type OpenSearchOptions } from "./opensearch-client.ts";
import { aliasOf } from "./opensearch-index.ts";

interface Source {
  readonly chunkId: string;
  readonly sourceId: string;
  readonly kind: string;
  readonly validFrom: string;
}

interface Found {
  readonly error?: { readonly type?: string };
  readonly timed_out?: boolean;
  readonly hits?: { readonly hits: readonly { readonly _score: number; readonly _source: Source }[] };
}

const FIELDS = ["kind", "product", "site", "locale", "audience"] as const;

/** Every condition is a filter, so that it neither scores nor is forgotten: the tenant first. */
const queryOf = ({ tenant, terms, filters }: LexicalQuery, at: string) => ({
  bool: {
    filter: [
      { term: { tenant } },
      { term: { live: true } },
      { range: { validFrom: { lte: at } } },
      { range: { validTo: { gt: at } } },
      { range: { supersededAt: { gt: at } } },
      ...FIELDS.flatMap((field) => {
        const value = filters[field];
        return value === undefined ? [] : [{ term: { [field]: value } }];
      }),
    ],
    must: [{ match: { terms: { query: terms.join(" "), operator: "or" } } }],
  },
});

function hitsOf({ error, hits, timed_out }: Found): LexicalHit[] {
  if (error !== undefined || hits === undefined || timed_out === true)
    throw new TransientError("search_unavailable", `OpenSearch: ${error?.type ?? "a search timed out"}`);
  return hits.hits.map(({ _score, _source: { chunkId, sourceId, kind, validFrom } }) => ({
    chunkId,
    sourceId,
    kind,
    validFrom,
    score: _score,
  }));
}

/** BM25 over the chunks' stems: one request for a whole batch. */
export function openSearch(options: OpenSearchOptions): LexicalSearch & { close(): Promise<void> } {
  const client = openSearchClient(options);
  return {
    store: "opensearch",
    async find(queries, at, limit, signal) {
      // Nothing matches no words; the server would answer the same after a journey.
      const searched = queries.flatMap((query, index) => (query.terms.length === 0 ? [] : [{ query, index }]));
      const answers: (readonly LexicalHit[])[] = queries.map(() => []);
      if (searched.length === 0) return answers;
      const index = aliasOf(options.prefix);
      const body = searched.flatMap(({ query }) => [
        { index },
        {
          size: limit,
          track_total_hits: false,
          _source: ["chunkId", "sourceId", "kind", "validFrom"],
          query: queryOf(query, at),
          sort: [{ _score: "desc" as const }, { chunkId: "asc" as const }],
        },
      ]);
      const found = await asked(async () => {
        const request = (await client.get()).msearch({ body });
        signal?.addEventListener("abort", () => request.abort(), { once: true });
        return (await request).body as unknown as { responses: readonly Found[] };
      });
      searched.forEach(({ index: at }, place) => (answers[at] = hitsOf(found.responses[place] ?? {})));
      return answers;
    },
    close: client.close,
  };
}
