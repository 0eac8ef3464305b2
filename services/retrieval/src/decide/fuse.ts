import type { RetrievalPolicy } from "./retrieval-policy.ts";

export type Leg = "dense" | "lexical" | "identifier";

/** One chunk as one search found it. `rank` begins at 1; `score` is the leg's own and compares only within it. */
export interface LegHit {
  readonly leg: Leg;
  readonly chunkId: string;
  readonly sourceId: string;
  readonly kind: string;
  /** RFC 3339. */
  readonly validFrom: string;
  readonly rank: number;
  readonly score: number;
}

/** One chunk as all searches together see it. */
export interface FusedHit {
  readonly chunkId: string;
  readonly score: number;
  readonly legs: readonly { readonly leg: Leg; readonly rank: number; readonly score: number }[];
}

export interface FusionContext {
  /** RFC 3339, UTC. */
  readonly now: string;
  /** Sources that the approved templates of the ticket's category rest on. */
  readonly preferredSources: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;

/** What a chunk's source adds to or takes from its place: a known ground rises, what is old sinks a little. */
function factorOf(hit: LegHit, policy: RetrievalPolicy, { now, preferredSources }: FusionContext): number {
  const preferred = preferredSources.has(hit.sourceId) ? policy.preferredSourceFactor : 1;
  const kind = policy.kindFactors[hit.kind] ?? 1;
  const ageDays = Math.max(0, (Date.parse(now) - Date.parse(hit.validFrom)) / DAY_MS);
  const decay = 1 - policy.decay.share * (1 - 0.5 ** (ageDays / policy.decay.halfLifeDays));
  return preferred * kind * decay;
}

/**
 * Reciprocal rank fusion: a chunk's score is the sum over its legs of weight / (k + rank); boosts and decay
 * multiply it afterwards. Best first; equal scores are ordered by chunk id, so that a replay gives the same list.
 */
export function fuse(hits: readonly LegHit[], policy: RetrievalPolicy, context: FusionContext): FusedHit[] {
  const chunks = Map.groupBy(hits, (hit) => hit.chunkId);
  return [...chunks.values()]
    .flatMap((found) => {
      const [first] = found;
      if (first === undefined) return [];
      // A leg that names a chunk twice counts once, at its better rank.
      const legs = [...Map.groupBy(found, (hit) => hit.leg).values()].map((same) =>
        same.reduce((a, b) => (b.rank < a.rank ? b : a)),
      );
      const score =
        legs.reduce((sum, { leg, rank }) => sum + policy.weights[leg] / (policy.k + rank), 0) *
        factorOf(first, policy, context);
      return [{ chunkId: first.chunkId, score, legs: legs.map(({ leg, rank, score }) => ({ leg, rank, score })) }];
    })
    .filter((hit) => hit.score > 0)
    .toSorted((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}
