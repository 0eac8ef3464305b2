import type { Sentence } from "@opsdesk/schemas/common";
import { sentencesOf } from "@opsdesk/text";
import { squashed } from "./draft-text.ts";
import type { Draft, EditKept } from "./state.ts";

const SENTENCES_MAX = 100;
const SENTENCE_LENGTH_MAX = 4_000;

/** A person's text as sentences: those of the draft keep their source and citations, the rest are the person's. */
export function editedSentences(draft: Draft, final: string): Sentence[] {
  const drafted = new Map(draft.sentences.map((sentence) => [squashed(sentence.text), sentence]));
  return pieces(final).map((text) => {
    const kept = drafted.get(squashed(text));
    return { text, source: kept?.source ?? "person", citations: kept?.citations ?? [] };
  });
}

/** The difference between a draft and its final text, sentence by sentence; repeats count. */
export function editOf(draft: Draft, final: string): EditKept {
  const left = pieces(draft.text).map(squashed);
  const kept: string[] = [];
  const added: string[] = [];
  for (const text of pieces(final).map(squashed)) {
    const at = left.indexOf(text);
    if (at < 0) added.push(text);
    else kept.push(...left.splice(at, 1));
  }
  return { draft: draft.text, final, kept, added, removed: left };
}

/** Sentences within the limits of events: very long ones are cut, and where there are too many, neighbours share one. */
function pieces(text: string): readonly string[] {
  const short = sentencesOf(text).flatMap(({ text: sentence }) => cut(sentence));
  if (short.length <= SENTENCES_MAX) return short;
  const packed: string[] = [];
  for (const piece of short) {
    const joined = `${packed.at(-1) ?? ""} ${piece}`.trim();
    if (packed.length > 0 && joined.length <= SENTENCE_LENGTH_MAX) packed[packed.length - 1] = joined;
    else packed.push(piece);
  }
  return packed;
}

const cut = (text: string): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / SENTENCE_LENGTH_MAX) }, (_, i) =>
    text.slice(i * SENTENCE_LENGTH_MAX, (i + 1) * SENTENCE_LENGTH_MAX),
  );
