import { prefixedId, sha256Hex } from "@opsdesk/identity";
import { type NewEvent, type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { Chunk } from "./chunk.ts";
import { searchedIdentifiers, termVector, termsOf } from "./terms.ts";

/** A version that waits to be indexed, and what its source has become since. */
export interface WaitingVersion {
  readonly tenant: string;
  readonly sourceId: string;
  readonly version: number;
  readonly title: string;
  readonly locale: string;
  readonly contentHash: string;
  readonly state: "submitted" | "indexed" | "failed" | "skipped";
  readonly validFrom: string;
  readonly revision: number;
  readonly retired: boolean;
  /** The newest version that is already indexed, if any. */
  readonly indexedVersion: number | null;
  /** The version that could be quoted until now. */
  readonly liveVersion: number | null;
}

interface IndexedChunk {
  readonly chunkId: string;
  readonly ordinal: number;
  readonly section: string;
  readonly context: string;
  readonly content: string;
  readonly start: number;
  readonly end: number;
  readonly quoteHash: string;
  readonly embedding: Float32Array;
  readonly terms: string;
  readonly identifiers: readonly string[];
}

/** What becomes of a version. `effectiveFrom` is when it takes the place of older ones; null where it does not. */
export interface VersionResult {
  readonly tenant: string;
  readonly sourceId: string;
  readonly version: number;
  readonly seenRevision: number;
  readonly state: "indexed" | "failed" | "skipped";
  readonly failure: string | null;
  readonly at: string;
  readonly effectiveFrom: string | null;
  readonly embeddingModel: string;
  readonly chunks: readonly IndexedChunk[];
}

/** More than a person would hand in as one document; each chunk costs every search of the tenant a little. */
export const CHUNKS_MAX = 2_000;

const later = (a: string, b: string): string => (Date.parse(a) >= Date.parse(b) ? a : b);

/** The words by which a chunk is found: what it stands under, then what it says. */
export const searchedText = (chunk: Pick<Chunk, "context" | "text">): string => `${chunk.context}\n${chunk.text}`;

const base = (waiting: WaitingVersion, at: string, embeddingModel: string) => ({
  tenant: waiting.tenant,
  sourceId: waiting.sourceId,
  version: waiting.version,
  seenRevision: waiting.revision,
  failure: null,
  at,
  effectiveFrom: null,
  embeddingModel,
  chunks: [],
});

/** Why a version needs no index any more, or undefined where it does. */
export function settledReason(waiting: WaitingVersion): string | undefined {
  if (waiting.state !== "submitted") return "version_settled";
  if (waiting.retired) return "source_retired";
  if (waiting.indexedVersion !== null && waiting.indexedVersion > waiting.version) return "version_superseded";
  return undefined;
}

/** A version that something overtook is kept as skipped: it was submitted, and never quotable. */
export function skipVersion(
  waiting: WaitingVersion,
  reason: string,
  now: string,
  embeddingModel: string,
): Outcome<VersionResult> {
  if (waiting.state !== "submitted") return ignore(reason);
  return done({
    rows: { ...base(waiting, now, embeddingModel), state: "skipped", failure: reason },
    wakes: [`knowledge:${waiting.tenant}`],
  });
}

/** Chunks and their vectors become the version's index, and the version takes the place of the older ones. */
export function indexVersion(
  waiting: WaitingVersion,
  chunks: readonly Chunk[],
  vectors: readonly Float32Array[],
  embeddingModel: string,
  now: string,
): Outcome<VersionResult> {
  const { tenant, sourceId, version } = waiting;
  const indexed: NewEvent = {
    type: "knowledge.source_indexed",
    key: sourceId,
    data: {
      sourceId,
      version,
      contentHash: waiting.contentHash,
      title: waiting.title,
      chunks: chunks.length,
      supersedes: waiting.liveVersion,
    },
  };
  return done({
    rows: {
      ...base(waiting, now, embeddingModel),
      state: "indexed",
      effectiveFrom: later(now, waiting.validFrom),
      chunks: chunks.map((chunk, index) => ({
        // From what it is, so that indexing again gives the same ids and old citations stay good.
        chunkId: prefixedId("chk", `${tenant}:${sourceId}:${version}:${chunk.ordinal}`),
        ordinal: chunk.ordinal,
        section: chunk.section,
        context: chunk.context,
        content: chunk.text,
        start: chunk.start,
        end: chunk.end,
        quoteHash: sha256Hex(chunk.text),
        embedding: vectors[index] ?? new Float32Array(0),
        terms: termVector(termsOf(searchedText(chunk), waiting.locale)),
        identifiers: searchedIdentifiers(chunk.text),
      })),
    },
    events: [indexed],
    wakes: [`knowledge:${tenant}`],
  });
}

/** A version that could not be indexed stays on record with the reason; whatever was quotable before stays so. */
export const failVersion = (
  waiting: WaitingVersion,
  code: string,
  now: string,
  embeddingModel: string,
): Outcome<VersionResult> =>
  done({
    rows: { ...base(waiting, now, embeddingModel), state: "failed", failure: code },
    wakes: [`knowledge:${waiting.tenant}`],
  });
