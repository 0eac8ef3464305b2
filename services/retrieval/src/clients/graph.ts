interface GraphAnchor {
  readonly kind: "site" | "asset" | "category";
  readonly id: string;
}

export interface NeighbourQuery {
  readonly tenant: string;
  readonly ticketId: string;
  readonly anchors: readonly GraphAnchor[];
  /** RFC 3339: what came later is nobody's past. */
  readonly at: string;
}

/** An earlier ticket, once for each anchor that it shares. */
export interface SharedNeighbour {
  readonly ticketId: string;
  readonly reference: string;
  /** RFC 3339. */
  readonly at: string;
  readonly anchor: GraphAnchor;
  /** Sources that were found for it and are not retired. */
  readonly sourceIds: readonly string[];
}

/**
 * The port of questions to the graph: structure only, no words of a message. Its answers may lag behind.
 * An adapter that cannot answer throws TransientError `graph_unavailable`.
 */
export interface GraphSearch {
  readonly store: "postgres" | "neo4j";
  /** The newest tickets of each anchor up to `at`, at most `limit` an anchor; a list a query. */
  neighbours(
    queries: readonly NeighbourQuery[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly (readonly SharedNeighbour[])[]>;
}

/** A ticket with all that it is about; anchors and sources only ever grow, but for its one category. */
export interface GraphTicket {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  /** `at`: when the ticket first spoke of it, RFC 3339. */
  readonly anchors: readonly (GraphAnchor & { readonly at: string })[];
  readonly sourceIds: readonly string[];
}

export interface GraphSource {
  readonly tenant: string;
  readonly sourceId: string;
  readonly revision: number;
  readonly retired: boolean;
}

export interface GraphPlace {
  /** In any order, again and again: the newest version of a ticket and of a source wins. */
  write(tickets: readonly GraphTicket[], sources: readonly GraphSource[]): Promise<void>;
}

/** The graph behind `GraphSearch`; see `SearchIndex`, whose shape it has. Throws TransientError `graph_unavailable`. */
export interface GraphStore {
  live(fill: (place: GraphPlace) => Promise<void>): Promise<GraphPlace>;
  create(): Promise<GraphPlace & { activate(): Promise<void> }>;
  close(): Promise<void>;
}
