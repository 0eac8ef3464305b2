import type { Evidence, Sentence } from "@opsdesk/schemas/common";
import type { Template } from "@opsdesk/schemas/desk";
import { contentTokens } from "@opsdesk/text";
import { type EvidenceSentence, evidenceSentences } from "./evidence-sentences.ts";

/** A sentence with fewer content words ("Kind regards,") claims nothing that could be supported. */
const CLAIM_STEMS_MIN = 3;
const SUPPORT_MIN = 0.5;
/** A further citation must support words that the ones before it do not. */
const FURTHER_SUPPORT_MIN = 0.15;
const CITATIONS_MAX = 3;

type Citation = Sentence["citations"][number];

function bestSupport(
  open: ReadonlySet<string>,
  sentences: readonly EvidenceSentence[],
): { readonly sentence: EvidenceSentence; readonly found: number } | undefined {
  let best: { sentence: EvidenceSentence; found: number } | undefined;
  for (const sentence of sentences) {
    let found = 0;
    for (const stem of open) if (sentence.stems.has(stem)) found += 1;
    if (found > (best?.found ?? 0)) best = { sentence, found };
  }
  return best;
}

/**
 * Finds what supports a template's fixed sentences, among the sources that the template names as its grounds: by
 * share of content words, best first. Quotes are verbatim. A sentence without support gets no citation: whether it
 * may go out is the gate's to say.
 */
export function grounding(template: Template, evidence: readonly Evidence[]): (text: string) => Citation[] {
  const sentences = evidenceSentences(
    evidence.filter((item) => template.grounds.includes(item.citation.sourceId)),
    template.locale,
  );
  return (text) => {
    const open = new Set(contentTokens(text, template.locale));
    const claims = open.size;
    if (claims < CLAIM_STEMS_MIN) return [];
    const citations: Citation[] = [];
    while (citations.length < CITATIONS_MAX) {
      const best = bestSupport(open, sentences);
      const enough = citations.length === 0 ? SUPPORT_MIN : FURTHER_SUPPORT_MIN;
      if (best === undefined || best.found / claims < enough) break;
      citations.push({ chunkId: best.sentence.chunkId, quote: best.sentence.text });
      for (const stem of best.sentence.stems) open.delete(stem);
    }
    return citations;
  };
}
