/** Raised with every change of the mapping: the alias of another version is another index, filled anew. */
export const MAPPING_VERSION = 1;

const keyword = { type: "keyword" } as const;

/** Terms are stemmed by us, alike in every lane: the index only parts them, and ranks by BM25. */
export const INDEX_BODY = {
  settings: {
    number_of_shards: 1,
    number_of_replicas: 0,
    auto_expand_replicas: "0-1",
    refresh_interval: "1s",
    analysis: { analyzer: { stems: { type: "custom", tokenizer: "whitespace" } } },
  },
  mappings: {
    dynamic: "strict",
    properties: {
      tenant: keyword,
      chunkId: keyword,
      sourceId: keyword,
      version: { type: "integer" },
      live: { type: "boolean" },
      kind: keyword,
      product: keyword,
      site: keyword,
      locale: keyword,
      audience: keyword,
      validFrom: { type: "date" },
      validTo: { type: "date" },
      supersededAt: { type: "date" },
      terms: { type: "text", analyzer: "stems", index_options: "freqs" },
    },
  },
} as const;
