/**
 * Everything that tunes a search. A policy never changes: another value is another policy with another id, so that
 * an answer's `retrievalPolicy` says for ever how it was found. A test holds every id to its content.
 */
export interface RetrievalPolicy {
  readonly id: string;
  /** Reciprocal rank fusion's constant: the larger, the less the first places lead. */
  readonly k: number;
  /** 0 leaves a leg out. */
  readonly weights: Readonly<Record<"dense" | "lexical" | "identifier", number>>;
  /** Hits taken from each leg. */
  readonly legLimit: number;
  /** Chunks that one answer is given. */
  readonly evidenceMax: number;
  readonly preferredSourceFactor: number;
  readonly kindFactors: Readonly<Record<string, number>>;
  /** What is `halfLifeDays` old loses half of `share`. */
  readonly decay: { readonly share: number; readonly halfLifeDays: number };
  readonly evidence: EvidenceThresholds;
}

/** When evidence is too weak to answer from; see weak-evidence.ts. */
export interface EvidenceThresholds {
  /** Content words that a chunk must share with the query; a query of fewer must share them all. */
  readonly sharedTermsMin: number;
  /** A long message need not be covered whole: at most so many of its words are asked of a chunk. */
  readonly termsCountedMax: number;
  /** What similarity adds to coverage. It never suffices alone: hashed vectors find likeness in noise. */
  readonly similarityWeight: number;
  /** Coverage plus weighted similarity that one chunk must reach. */
  readonly strengthMin: number;
  /** What each further chunk must reach to be passed on beside it. */
  readonly supportMin: number;
}

export const RETRIEVAL_V1: RetrievalPolicy = {
  id: "retrieval-v1",
  k: 60,
  weights: { dense: 1, lexical: 2, identifier: 2 },
  legLimit: 24,
  evidenceMax: 8,
  preferredSourceFactor: 1.2,
  kindFactors: {},
  decay: { share: 0.1, halfLifeDays: 730 },
  evidence: { sharedTermsMin: 2, termsCountedMax: 12, similarityWeight: 2, strengthMin: 0.9, supportMin: 0.4 },
};
