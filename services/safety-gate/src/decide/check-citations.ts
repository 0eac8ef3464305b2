import type { Evidence } from "@opsdesk/schemas/common";
import { sha256Hex } from "@opsdesk/identity";
import type { GateInputs } from "./gate-inputs.ts";

/** The evidence that the draft stands on: what its sentences cite, and what its template rests on. */
export function supporting({ proposal, evidence, template }: GateInputs): readonly Evidence[] {
  const cited = new Set(proposal.sentences.flatMap(({ citations }) => citations.map(({ chunkId }) => chunkId)));
  const grounds = new Set(template?.grounds);
  return evidence.filter(({ citation }) => cited.has(citation.chunkId) || grounds.has(citation.sourceId));
}

/** Why a quote is not to be believed, or undefined: altered evidence, or words that are not in it. */
export function inexactQuote(inputs: GateInputs): string | undefined {
  const altered = supporting(inputs).find(({ text, citation }) => sha256Hex(text) !== citation.quoteHash);
  if (altered !== undefined) return `The evidence from "${altered.citation.title}" does not match its hash.`;
  const texts = new Map(inputs.evidence.map(({ citation, text }) => [citation.chunkId, text]));
  for (const { chunkId, quote } of inputs.proposal.sentences.flatMap(({ citations }) => citations)) {
    const text = texts.get(chunkId);
    if (text !== undefined && !text.includes(quote))
      return `The quote "${quote}" is not in the evidence that it names.`;
  }
  return undefined;
}

interface UnknownCitation {
  readonly words: string;
  /** The source whose news may still be on its way; absent when waiting cannot help. */
  readonly awaited?: string;
}

/** Every citation that the gate cannot confirm: not in the evidence, of a withdrawn source, of another version. */
export function unknownCitations(inputs: GateInputs): readonly UnknownCitation[] {
  const chunks = new Set(inputs.evidence.map(({ citation }) => citation.chunkId));
  const foreign = inputs.proposal.sentences
    .flatMap(({ citations }) => citations)
    .filter(({ chunkId }) => !chunks.has(chunkId));
  const known = new Map(inputs.sources.map((source) => [source.sourceId, source]));
  const problems = foreign.map(({ chunkId }): UnknownCitation => ({
    words: `"${chunkId}" is cited and is not in the evidence.`,
  }));
  for (const { citation } of supporting(inputs)) {
    const source = known.get(citation.sourceId);
    const name = `"${citation.title}", version ${citation.version},`;
    if (source?.retired === true) problems.push({ words: `${name} has been withdrawn.` });
    else if (source === undefined || source.version === null || source.version < citation.version)
      problems.push({ words: `${name} is not known to the gate.`, awaited: citation.sourceId });
    else if (source.version > citation.version)
      problems.push({ words: `${name} has been replaced by version ${source.version}.` });
  }
  for (const sourceId of inputs.template?.grounds ?? []) {
    if (known.get(sourceId)?.retired === true)
      problems.push({ words: `"${sourceId}", on which the template rests, has been withdrawn.` });
  }
  return problems;
}
