import { tokenise } from "@opsdesk/text";

/** A text as its words alone, so that a phrase is found whole, whatever its case, width and punctuation. */
export type Words = string & { readonly words: unique symbol };

// The brand only says that the text went through `tokenise`: both sides of a comparison must.
export const wordsOf = (text: string): Words => ` ${tokenise(text).join(" ")} ` as Words;

const PHRASES_MAX = 20_000;
const phrases = new Map<string, Words>();

/** A desk's phrases come again with every ticket. */
function phraseWords(phrase: string): Words {
  let words = phrases.get(phrase);
  if (words === undefined) {
    if (phrases.size >= PHRASES_MAX) phrases.clear();
    words = wordsOf(phrase);
    phrases.set(phrase, words);
  }
  return words;
}

/** Whether any phrase occurs as whole words. A phrase without a word in it occurs nowhere. */
export const mentions = (text: Words, wanted: readonly string[]): boolean =>
  wanted.some((phrase) => {
    const words = phraseWords(phrase);
    return words.trim() !== "" && text.includes(words);
  });
