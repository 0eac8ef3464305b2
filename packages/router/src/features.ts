import { hashEnd, hashStart, hashStep, hashText, tokenise } from "@opsdesk/text";

const GRAM_MIN = 2;
const GRAM_MAX = 5;
const SPACE = 32;

/** Word and character features are normalised apart; the lowest bit of a feature's hash says which it is. */
export const isCharacterFeature = (hash: number): boolean => (hash & 1) === 1;
const asWord = (hash: number): number => (hash & ~1) >>> 0;
const asCharacters = (hash: number): number => (hash | 1) >>> 0;

/** A longer text is judged by its beginning: the time that one text takes stays bounded. */
const CHARACTERS_READ_MAX = 16_000;

/**
 * Hashes (32-bit) of the words, word pairs and in-word character 2- to 5-grams of a text, repeats kept.
 * A word is padded with a space on both sides, so that beginnings and endings are features of their own.
 */
export function featuresOf(text: string): number[] {
  const features: number[] = [];
  let before = 0;
  for (const word of tokenise(text.slice(0, CHARACTERS_READ_MAX))) {
    const whole = hashText(word, 1);
    features.push(asWord(whole));
    if (before !== 0) features.push(asWord(hashEnd(hashStep(hashStep(hashStart(2), before), whole))));
    before = whole;
    pushCharacters(word, features);
  }
  return features;
}

function pushCharacters(word: string, features: number[]): void {
  const length = word.length + 2;
  for (let from = 0; from < length - 1; from += 1) {
    let hash = hashStart(3);
    const end = Math.min(length, from + GRAM_MAX);
    for (let at = from; at < end; at += 1) {
      hash = hashStep(hash, at === 0 || at === length - 1 ? SPACE : word.charCodeAt(at - 1));
      if (at - from + 1 >= GRAM_MIN) features.push(asCharacters(hashEnd(hash)));
    }
  }
}
