/** A sentence without the white space around it; `start` and `end` are UTF-16 offsets into the text, end exclusive. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterFor(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known !== undefined) return known;
  const made = new Intl.Segmenter(language, { granularity: "sentence" });
  segmenters.set(language, made);
  return made;
}

/** A line break inside a paragraph is wrapping; an empty line, or a list marker after a break, ends a sentence. */
const BREAKS = /\r?\n[ \t]*(?:\r?\n|(?=[-*•]\s|\d+[.)]\s))/g;

function* blocksOf(text: string): Generator<readonly [start: number, block: string]> {
  let start = 0;
  for (const found of text.matchAll(BREAKS)) {
    yield [start, text.slice(start, found.index)];
    start = found.index + found[0].length;
  }
  yield [start, text.slice(start)];
}

/** Abbreviations that Intl.Segmenter takes for an end when a capital follows. */
const OPEN_END = /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|no|nr|mr|mrs|ms|dr|prof|st|approx|bzw|z\.\s?b|d\.\s?h|ca)\.$/iu;

/** The sentences of a text in order; `language` is an ISO 639-1 code. */
export function sentencesOf(text: string, language = "en"): Sentence[] {
  const sentences: Sentence[] = [];
  for (const [blockStart, block] of blocksOf(text)) {
    let from = -1;
    // The segmenter ends a sentence at every line break; one character for one keeps the offsets true.
    const unwrapped = block.replaceAll(/[\r\n]/g, " ");
    for (const { segment, index } of segmenterFor(language).segment(unwrapped)) {
      if (from < 0) from = index;
      const end = index + segment.length;
      const raw = block.slice(from, end);
      if (OPEN_END.test(raw.trimEnd()) && end < block.length) continue;
      const trimmed = raw.trim();
      const start = blockStart + from + (raw.length - raw.trimStart().length);
      if (trimmed !== "") sentences.push({ text: trimmed, start, end: start + trimmed.length });
      from = -1;
    }
  }
  return sentences;
}
