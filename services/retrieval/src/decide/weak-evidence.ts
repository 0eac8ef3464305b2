import type { EvidenceThresholds } from "./retrieval-policy.ts";

/** One found chunk, as far as the strength of evidence goes. */
export interface ChunkSignals {
  /** Content words of the chunk and its context line. */
  readonly terms: ReadonlySet<string>;
  /** Cosine between chunk and query; 0 where the dense leg did not find it. */
  readonly similarity: number;
  /** Whether it names an error code, asset tag or order number of the query. */
  readonly namesIdentifier: boolean;
}

/** `strengths` are those of the chunks, in their order; `strength` is the greatest. */
export type Strength = { readonly strength: number; readonly strengths: readonly number[] } & (
  | { readonly weak: false }
  | { readonly weak: true; readonly reason: "nothing_found" | "too_little_in_common" }
);

/** Coverage plus weighted similarity of one chunk; 0 where it shares too few words. */
export function strengthOf(
  queryTerms: ReadonlySet<string>,
  chunk: ChunkSignals,
  thresholds: EvidenceThresholds,
): number {
  if (queryTerms.size === 0) return 0;
  const shared = [...queryTerms].filter((term) => chunk.terms.has(term)).length;
  if (shared < Math.min(thresholds.sharedTermsMin, queryTerms.size)) return 0;
  const coverage = Math.min(1, shared / Math.min(queryTerms.size, thresholds.termsCountedMax));
  return coverage + thresholds.similarityWeight * Math.max(0, chunk.similarity);
}

/**
 * Whether what was found is enough to answer from. A search always finds something; only a chunk that has much of
 * the query's own words, or names the very identifier that was asked about, is evidence.
 */
export function judgeEvidence(
  queryTerms: ReadonlySet<string>,
  chunks: readonly ChunkSignals[],
  thresholds: EvidenceThresholds,
): Strength {
  const strengths = chunks.map((chunk) =>
    chunk.namesIdentifier
      ? Math.max(thresholds.strengthMin, strengthOf(queryTerms, chunk, thresholds))
      : strengthOf(queryTerms, chunk, thresholds),
  );
  const strength = Math.max(0, ...strengths);
  if (chunks.length > 0 && strength >= thresholds.strengthMin) return { weak: false, strength, strengths };
  return { weak: true, reason: chunks.length === 0 ? "nothing_found" : "too_little_in_common", strength, strengths };
}
