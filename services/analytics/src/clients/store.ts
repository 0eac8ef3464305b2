/** The calls of a search server that the projection needs. All throw TransientError `search_unavailable`. */
export interface SearchStore {
  /** Alias → its indices, of those that match. */
  aliases(pattern: string): Promise<ReadonlyMap<string, readonly string[]>>;
  indices(pattern: string): Promise<readonly string[]>;
  /** Does nothing when it is there. */
  createIndex(index: string, aliases: readonly string[]): Promise<void>;
  putTemplate(name: string, pattern: string, mappings: object): Promise<void>;
  /** Whether the index takes the mapping: it may gain fields and never change one. */
  putMapping(index: string, mappings: object): Promise<"taken" | "refused">;
  /** All actions, or none. */
  changeAliases(actions: readonly AliasAction[]): Promise<void>;
  deleteIndices(indices: readonly string[]): Promise<void>;
  /** In the order asked for. */
  read(places: readonly DocumentPlace[]): Promise<readonly Stored[]>;
  /** In the order given. */
  write(writes: readonly Write[]): Promise<readonly Written[]>;
  search(index: string, body: object): Promise<SearchAnswer>;
  refresh(pattern: string): Promise<void>;
  close(): Promise<void>;
}

interface DocumentPlace {
  readonly index: string;
  readonly id: string;
}

/** A document as it is, with what a conditional write must quote. */
export type Stored =
  | { readonly found: false }
  | { readonly found: true; readonly source: Readonly<Record<string, unknown>>; readonly version: StoredVersion };
interface StoredVersion {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface Write extends DocumentPlace {
  readonly document: Readonly<Record<string, unknown>>;
  /** Written only over this version; absent: only where there is none. */
  readonly over?: StoredVersion;
}

export interface Written {
  readonly status: number;
  readonly reason: string;
}

type AliasAction =
  | { readonly add: { readonly index: string; readonly alias: string } }
  | { readonly remove_index: { readonly index: string } };

export interface SearchAnswer {
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly { readonly _id: string; readonly _source: Readonly<Record<string, unknown>> }[];
  };
  readonly aggregations?: Readonly<Record<string, unknown>>;
}
