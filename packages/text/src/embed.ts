import { contentTokens } from "./content-tokens.ts";
import { hashEnd, hashStart, hashStep, hashText } from "./hash.ts";

/** Stored with every vector: vectors of two models are never compared. A change below needs a new id. */
export const EMBEDDING_MODEL = "local-hash-384-v1";
export const EMBEDDING_DIMENSIONS = 384;

const PAIR_WEIGHT = 0.4;
const CHARACTER_WEIGHT = 0.2;
const CHARACTERS_MIN = 3;
const CHARACTERS_MAX = 4;
const SPACE = 32;

type Counts = Map<number, { count: number; weight: number }>;

function count(counts: Counts, hash: number, weight: number): void {
  const known = counts.get(hash);
  if (known === undefined) counts.set(hash, { count: 1, weight });
  else known.count += 1;
}

function countCharacters(counts: Counts, word: string): void {
  const codes = [SPACE, ...Array.from({ length: word.length }, (_, i) => word.charCodeAt(i)), SPACE];
  for (let from = 0; from < codes.length; from += 1) {
    let hash = hashStart(3);
    for (let to = from; to < Math.min(codes.length, from + CHARACTERS_MAX); to += 1) {
      hash = hashStep(hash, codes[to] ?? SPACE);
      if (to - from + 1 >= CHARACTERS_MIN) count(counts, hashEnd(hash), CHARACTER_WEIGHT);
    }
  }
}

/**
 * A vector of 384 numbers, of length 1 (all zero for a text without content words). Stems, pairs of stems and their
 * characters are hashed to a place and a sign. Rounded to float32 at every step that takes a logarithm, so that
 * engines agree. English stop words and stems; other languages live off their characters.
 */
export function embed(text: string): Float32Array {
  const counts: Counts = new Map();
  const words = contentTokens(text);
  words.forEach((word, i) => {
    count(counts, hashText(word, 1), 1);
    const next = words[i + 1];
    if (next !== undefined) count(counts, hashText(`${word} ${next}`, 2), PAIR_WEIGHT);
    countCharacters(counts, word);
  });
  const vector = new Float32Array(EMBEDDING_DIMENSIONS);
  for (const [hash, { count: times, weight }] of counts) {
    const place = (hash >>> 1) % EMBEDDING_DIMENSIONS;
    const signed = (hash & 1) === 0 ? weight : -weight;
    vector[place] = (vector[place] ?? 0) + signed * Math.fround(1 + Math.log(times));
  }
  const norm = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return norm === 0 ? vector : vector.map((x) => x / norm);
}
