import { sha256Hex } from "@opsdesk/identity";
import type { Citation } from "@opsdesk/schemas/common";

/** What a citation points at, as it is stored. */
export interface CitedChunk {
  readonly sourceId: string;
  readonly version: number;
  readonly chunkId: string;
  readonly start: number;
  readonly end: number;
  readonly quoteHash: string;
  readonly title: string;
  readonly uri: string;
}

export const citationOf = ({
  sourceId,
  version,
  chunkId,
  start,
  end,
  quoteHash,
  title,
  uri,
}: CitedChunk): Citation => ({
  sourceId,
  version,
  chunkId,
  start,
  end,
  quoteHash,
  title,
  uri,
});

export type CitationCheck = "genuine" | "not_issued" | "another_version" | "quote_differs";

/**
 * Whether a citation is one that was issued, for this source version's text. `issued` are the citations of the
 * evidence; `sourceText` is the text of the version that the citation names.
 */
export function checkCitation(citation: Citation, issued: readonly Citation[], sourceText: string): CitationCheck {
  const known = issued.find((one) => one.chunkId === citation.chunkId);
  if (known === undefined || known.sourceId !== citation.sourceId) return "not_issued";
  if (known.version !== citation.version) return "another_version";
  const placed = citation.start >= known.start && citation.start < citation.end && citation.end <= known.end;
  if (!placed || sha256Hex(sourceText.slice(citation.start, citation.end)) !== citation.quoteHash)
    return "quote_differs";
  return "genuine";
}
