import type { Read } from "@opsdesk/database";
import type { LexicalQuery, LexicalSearch } from "./clients/lexical.ts";
import type { Degraded } from "./decide/degraded.ts";
import { anyTermOf } from "./decide/terms.ts";
import type { Guarded } from "./guarded.ts";
import { type LegRow, searchLegs } from "./store/search.ts";

/** A search by words beside Postgres, and what keeps its outage from becoming everybody's. */
export interface GuardedLexical {
  readonly search: LexicalSearch;
  readonly guard: Guarded;
}

/** Leaves the other legs of the statement without anything to find: a vector without direction, no identifiers. */
const NO_DIRECTION = new Float32Array(384);

/** The adapter that every lane has. */
export const postgresLexical = (read: Read): LexicalSearch => ({
  store: "postgres",
  async find(queries, at, limit) {
    const rows = await searchLegs(
      read,
      queries.map(({ tenant, terms, filters }) => ({
        tenant,
        filters,
        terms: anyTermOf(terms),
        embeddingModel: "",
        embedding: NO_DIRECTION,
        identifiers: [],
      })),
      at,
      limit,
    );
    const byQuery = Map.groupBy(rows, (row) => row.query);
    return queries.map((_, index) =>
      (byQuery.get(index) ?? []).map(({ chunkId, kind, score, sourceId, validFrom }) => ({
        chunkId,
        kind,
        score,
        sourceId,
        validFrom,
      })),
    );
  },
});

interface LexicalAnswer {
  readonly rows: readonly LegRow[];
  readonly store: LexicalSearch["store"];
  readonly degraded: readonly Degraded[];
}

/** The lexical leg from the store that is meant for it; while that is away, from Postgres, and it says so. */
export async function lexicalLeg(
  read: Read,
  { guard, search }: GuardedLexical,
  queries: readonly LexicalQuery[],
  at: string,
  limit: number,
): Promise<LexicalAnswer> {
  const asked = await guard.ask((signal) => search.find(queries, at, limit, signal));
  const found = asked.ok ? asked.value : await postgresLexical(read).find(queries, at, limit);
  return {
    rows: found.flatMap((hits, query) =>
      hits.map((hit, index) => ({ ...hit, query, leg: "lexical" as const, rank: index + 1 })),
    ),
    store: asked.ok ? search.store : "postgres",
    degraded:
      asked.ok || search.store === "postgres" ? [] : [{ leg: "lexical", store: search.store, reason: asked.reason }],
  };
}
