/** What a search may look at; an absent filter admits everything. The tenant is not a filter and never absent. */
interface LexicalFilters {
  readonly kind?: string | undefined;
  readonly product?: string | undefined;
  readonly site?: string | undefined;
  readonly locale?: string | undefined;
  readonly audience?: string | undefined;
}

export interface LexicalQuery {
  readonly tenant: string;
  /** Content words, stemmed as the chunks' are. */
  readonly terms: readonly string[];
  readonly filters: LexicalFilters;
}

export interface LexicalHit {
  readonly chunkId: string;
  readonly sourceId: string;
  readonly kind: string;
  /** RFC 3339. */
  readonly validFrom: string;
  /** The store's own; compares only within one answer. */
  readonly score: number;
}

/**
 * The port of search by words. Its answers may lag behind: whoever quotes a hit joins it against its live version first.
 * An adapter that cannot answer throws TransientError `search_unavailable`.
 */
export interface LexicalSearch {
  readonly store: "postgres" | "opensearch";
  /** Chunks of versions that are valid at `at` (RFC 3339) and hold any of the terms, best first, a list a query. */
  find(
    queries: readonly LexicalQuery[],
    at: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly (readonly LexicalHit[])[]>;
}
