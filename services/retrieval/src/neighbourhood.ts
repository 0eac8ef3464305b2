import type { Read } from "@opsdesk/database";
import type { GraphSearch, NeighbourQuery, SharedNeighbour } from "./clients/graph.ts";
import { makesNeighbours, type StormPolicy } from "./decide/incident.ts";
import type { Degraded } from "./decide/degraded.ts";
import type { Guarded } from "./guarded.ts";
import { neighboursIn, sourcesFoundFor, sourcesKnown } from "./store/graph.ts";

/** A graph beside Postgres, and what keeps its outage from becoming everybody's. */
export interface GuardedGraph {
  readonly search: GraphSearch;
  readonly guard: Guarded;
}

/** Tickets read of one anchor; a storm counts no further. */
const PER_ANCHOR_MAX = 50;

const keyOf = (tenant: string, id: string): string => `${tenant}\u001f${id}`;

/** The adapter that every lane has. */
export const postgresGraph = (read: Read): GraphSearch => ({
  store: "postgres",
  async neighbours(queries, limit) {
    const rows = await neighboursIn(read, queries, limit);
    const tenantOf = (query: number): string => queries[query]?.tenant ?? "";
    // A ticket is the neighbour of many in its batch: what it was given is read once.
    const found = new Map(
      rows.map(({ query, ticketId }) => [keyOf(tenantOf(query), ticketId), { tenant: tenantOf(query), ticketId }]),
    );
    const given = new Map(
      (await sourcesFoundFor(read, [...found.values()])).map(({ tenant, ticketId, sourceIds }) => [
        keyOf(tenant, ticketId),
        sourceIds,
      ]),
    );
    const answers: SharedNeighbour[][] = queries.map(() => []);
    for (const { at, id, kind, query, ticketId, reference } of rows)
      answers[query]?.push({
        ticketId,
        reference,
        at: at.toISOString(),
        anchor: { kind, id },
        sourceIds: given.get(keyOf(tenantOf(query), ticketId)) ?? [],
      });
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
  about: readonly NeighbourQuery[],
  storm: StormPolicy,
): Promise<Neighbourhood> {
  const queries = about.map((query) => ({
    ...query,
    anchors: query.anchors.filter((anchor) => makesNeighbours(anchor, storm)),
  }));
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
