import type { Citation, Evidence } from "@opsdesk/schemas/common";
import { citationOf, type CitedChunk } from "./citation.ts";
import type { FusedHit } from "./fuse.ts";
import type { RetrievalPolicy } from "./retrieval-policy.ts";
import { termsOf } from "./terms.ts";
import { judgeEvidence, type Strength } from "./weak-evidence.ts";

/** A chunk as the store gives it after it was checked against its live source version. */
export interface FoundChunk extends CitedChunk {
  readonly kind: string;
  readonly section: string;
  readonly content: string;
  /** Content words of the context line and the content. */
  readonly terms: ReadonlySet<string>;
}

export interface SearchedQuery {
  readonly text: string;
  readonly locale: string;
}

export interface Finding extends FusedHit {
  readonly citation: Citation;
  readonly text: string;
  readonly kind: string;
  readonly section: string;
}

export interface Answer {
  /** Best first. */
  readonly findings: readonly Finding[];
  /** Judged on the first `evidenceMax` findings: what an answer could rest on. */
  readonly strength: Strength;
}

/**
 * What a search answers with: the best of the fused hits that are still quotable, and whether they are enough.
 * A hit without its chunk was retired, superseded or withheld in the meantime and does not leave.
 */
export function assemble(
  query: SearchedQuery,
  fused: readonly FusedHit[],
  chunks: ReadonlyMap<string, FoundChunk>,
  policy: RetrievalPolicy,
  limit: number,
): Answer {
  const found = fused.flatMap((hit) => {
    const chunk = chunks.get(hit.chunkId);
    return chunk === undefined ? [] : [{ hit, chunk }];
  });
  const best = found.slice(0, limit);
  const signals = best.slice(0, policy.evidenceMax).map(({ hit, chunk }) => ({
    terms: chunk.terms,
    similarity: hit.legs.find(({ leg }) => leg === "dense")?.score ?? 0,
    namesIdentifier: hit.legs.some(({ leg }) => leg === "identifier"),
  }));
  return {
    findings: best.map(({ hit, chunk }) => ({
      ...hit,
      citation: citationOf(chunk),
      text: chunk.content,
      kind: chunk.kind,
      section: chunk.section,
    })),
    strength: judgeEvidence(new Set(termsOf(query.text, query.locale)), signals, policy.evidence),
  };
}

/** A finding as an event carries it. */
const toEvidence = ({ citation, text, kind, section, score, legs }: Finding): Evidence => ({
  citation,
  text,
  // The contract's list is open and sources are submitted under the same one.
  kind: kind as Evidence["kind"],
  section,
  score: Math.round(score * 1e6) / 1e6,
  legs: legs.map(({ leg }) => leg),
});

/** What is passed on: nothing where evidence is weak, else the findings that support an answer by themselves. */
export const evidenceOf = ({ findings, strength }: Answer, policy: RetrievalPolicy): Evidence[] =>
  strength.weak
    ? []
    : findings.filter((_, index) => (strength.strengths[index] ?? 0) >= policy.evidence.supportMin).map(toEvidence);
