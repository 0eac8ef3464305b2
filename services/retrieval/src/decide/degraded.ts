import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";

/** A store that should have answered a leg and did not. */
export interface Degraded {
  readonly leg: "lexical" | "graph";
  readonly store: "opensearch" | "neo4j";
  readonly reason: string;
}

/** Which store answered each leg, and which could not. */
export interface Answering {
  readonly lexical: "postgres" | "opensearch";
  readonly graph?: "postgres" | "neo4j";
  readonly degraded: readonly Degraded[];
}

/** As an event tells it. */
export const told = ({ degraded, graph, lexical }: Answering): Pick<ContextRetrieved, "stores" | "degraded"> => ({
  stores: [
    { leg: "dense", store: "postgres" },
    { leg: "lexical", store: lexical },
    { leg: "identifier", store: "postgres" },
    ...(graph === undefined ? [] : [{ leg: "graph" as const, store: graph }]),
  ],
  ...(degraded.length === 0 ? {} : { degraded: degraded.map((one) => ({ ...one })) }),
});
