/** A chunk as the index holds it: stems to find it by and what filters look at. No text: that is read from Postgres. */
export interface IndexedChunk {
  readonly tenant: string;
  readonly chunkId: string;
  readonly sourceId: string;
  readonly version: number;
  /** Of the source: it rises with every change, so a write that comes late loses against a newer one. */
  readonly revision: number;
  readonly kind: string;
  readonly product: string | null;
  readonly site: string | null;
  readonly locale: string;
  readonly audience: string;
  /** RFC 3339. */
  readonly validFrom: string;
  readonly validTo: string | null;
  readonly supersededAt: string | null;
  readonly terms: readonly string[];
}

/** What is left of a chunk that may not be found again. Kept, since a deletion would be forgotten after a minute. */
export type Tombstone = Pick<IndexedChunk, "tenant" | "chunkId" | "sourceId" | "version" | "revision">;

export interface IndexWrites {
  readonly chunks: readonly IndexedChunk[];
  readonly tombstones: readonly Tombstone[];
}

/** One place to write to. */
export interface IndexPlace {
  /** By id and revision: a repetition changes nothing, an older revision loses. */
  write(writes: IndexWrites): Promise<void>;
}

/**
 * The index behind `LexicalSearch`. Everything here throws TransientError `search_unavailable` while the server is
 * away, and RejectedError `search_refused` where it refuses a document for good.
 */
export interface SearchIndex {
  /** The place that readers see. Where there is none yet, `fill` makes it complete before anybody reads from it. */
  live(fill: (place: IndexPlace) => Promise<void>): Promise<IndexPlace>;
  /** An empty place beside it; `activate` lets readers and `live` go over to it and drops the other. */
  create(): Promise<IndexPlace & { activate(): Promise<void> }>;
  close(): Promise<void>;
}
