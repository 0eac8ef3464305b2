import type { Evidence } from "@opsdesk/schemas/common";
import { contentTokens, sentencesOf } from "@opsdesk/text";

/** A sentence of a chunk, verbatim, with the stems of its content words. */
export interface EvidenceSentence {
  readonly chunkId: string;
  readonly sourceId: string;
  readonly text: string;
  readonly stems: ReadonlySet<string>;
}

const CHUNKS_MAX = 2_000;
const read = new Map<string, readonly EvidenceSentence[]>();

/** Headings, table rows and emphasised labels are marks of layout; nobody says them in a reply. */
const LAYOUT = /^#|\||\*\*|__|\[[^\]]*\]\(|^`|\s`/u;
const MARKER = /^(?:[-*•>]\s+|\d{1,3}[.)]\s+)+/u;

function sentencesIn(
  { citation: { chunkId, sourceId }, text }: Evidence,
  language: string,
): readonly EvidenceSentence[] {
  const sentences: EvidenceSentence[] = [];
  for (const block of blocksOf(text)) {
    for (const sentence of sentencesOf(block, language)) {
      const said = sentence.text.replace(MARKER, "");
      if (said === "" || LAYOUT.test(said)) continue;
      sentences.push({ chunkId, sourceId, text: said, stems: new Set(contentTokens(said, language)) });
    }
  }
  return sentences;
}

/** A heading ends at its line, though no empty line may follow. */
const blocksOf = (text: string): readonly string[] => text.split(/^#{1,6}\s.*$/gmu);

/** Every sentence of the evidence. Chunks come again with every ticket of a kind, so what was read is kept. */
export function evidenceSentences(evidence: readonly Evidence[], language: string): readonly EvidenceSentence[] {
  return evidence.flatMap((item) => {
    const key = `${language} ${item.citation.chunkId} ${item.citation.quoteHash} ${item.text}`;
    let sentences = read.get(key);
    if (sentences === undefined) {
      if (read.size >= CHUNKS_MAX) read.clear();
      sentences = sentencesIn(item, language);
      read.set(key, sentences);
    }
    return sentences;
  });
}
