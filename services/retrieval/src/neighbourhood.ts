import type { Read } from "@opsdesk/database";
import type { GraphSearch, NeighbourQuery, SharedNeighbour } from "./clients/graph.ts";
import type { Degraded } from "./decide/degraded.ts";
import type { Guarded } from "./guarded.ts";
import { neighboursIn, sourcesKnown } from "./store/graph.ts";

/** A graph beside Postgres, and what keeps its outage from becoming everybody's. */
export interface GuardedGraph {
  readonly search: GraphSearch;
  readonly guard: Guarded;
}

/** Tickets read of one anchor; a storm counts no further. */
const PER_ANCHOR_MAX = 50;

/** The adapter that every lane has. */
export const postgresGraph = (read: Read): GraphSearch => ({
  store: "postgres",
  async neighbours(queries, limit) {
    const answers: SharedNeighbour[][] = queries.map(() => []);
    for (const { at, id, kind, query, ...row } of await neighboursIn(read, queries, limit))
      answers[query]?.push({ ...row, at: at.toISOString(), anchor: { kind, id } });
    return answers;
  },
});

export interface Neighbourhood {
  /** A list a query. */
  readonly shared: readonly (readonly SharedNeighbour[])[];
  readonly store: GraphSearch["store"];
  readonly degraded: readonly Degraded[];
}

/**
 * Earlier tickets that share an anchor with each of these. A graph outside Postgres is a copy that lags, and storms
 * are made of the newest tickets: those are always read from Postgres, and the copy adds the past.
 */
export async function neighbourhood(
  read: Read,
  graph: GuardedGraph | undefined,
  queries: readonly NeighbourQuery[],
): Promise<Neighbourhood> {
  if (queries.every(({ anchors }) => anchors.length === 0))
    return { shared: queries.map(() => []), store: graph?.search.store ?? "postgres", degraded: [] };
  const own = postgresGraph(read);
  if (graph === undefined)
    return { shared: await own.neighbours(queries, PER_ANCHOR_MAX), store: "postgres", degraded: [] };
  const [newest, asked] = await Promise.all([
    own.neighbours(queries, PER_ANCHOR_MAX),
    graph.guard.ask((signal) => graph.search.neighbours(queries, PER_ANCHOR_MAX, signal)),
  ]);
  const { store } = graph.search;
  if (!asked.ok)
    return {
      shared: newest,
      store: "postgres",
      degraded: store === "postgres" ? [] : [{ leg: "graph", store, reason: asked.reason }],
    };
  const past = await withoutRetired(read, queries, asked.value);
  return { shared: queries.map((_, index) => [...(newest[index] ?? []), ...(past[index] ?? [])]), store, degraded: [] };
}

/** A source may have been retired since the graph was written. */
async function withoutRetired(
  read: Read,
  queries: readonly NeighbourQuery[],
  answers: readonly (readonly SharedNeighbour[])[],
): Promise<readonly (readonly SharedNeighbour[])[]> {
  const keyOf = (tenant: string, sourceId: string): string => `${tenant}\u001f${sourceId}`;
  const named = queries.flatMap(({ tenant }, index) =>
    (answers[index] ?? []).flatMap(({ sourceIds }) => sourceIds.map((sourceId) => ({ tenant, sourceId }))),
  );
  const known = new Set((await sourcesKnown(read, named)).map(({ tenant, sourceId }) => keyOf(tenant, sourceId)));
  return queries.map(({ tenant }, index) =>
    (answers[index] ?? []).map((one) => ({
      ...one,
      sourceIds: one.sourceIds.filter((sourceId) => known.has(keyOf(tenant, sourceId))),
    })),
  );
}
