import { featuresOf, isCharacterFeature } from "./features.ts";

/** The features a router knows. `slots` is an open-addressing table over `hashes`, derived and never stored. */
export interface Vocabulary {
  /** Ascending; a feature's place here is its column. */
  readonly hashes: Uint32Array;
  readonly idf: Float32Array;
  readonly slots: Int32Array;
}

/** One text: columns ascending, and their weights; words and characters each have length 1. */
export interface SparseVector {
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** The share of the text's features that the vocabulary knows, 0 to 1; 0 for an empty text. */
  readonly known: number;
}

/** Below this many examples a feature seen once may be all there is; above, it is noise that costs memory. */
const RARE_KEPT_BELOW = 2_000;

const EMPTY = -1;

/** At most half full, so that a look-up ends after a step or two. */
export function slotsOf(hashes: Uint32Array): Int32Array {
  let size = 16;
  while (size < hashes.length * 2) size *= 2;
  const slots = new Int32Array(size).fill(EMPTY);
  hashes.forEach((hash, column) => {
    let at = (hash >>> 1) & (size - 1);
    while (slots[at] !== EMPTY) at = (at + 1) & (size - 1);
    slots[at] = column;
  });
  return slots;
}

function columnOf({ hashes, slots }: Vocabulary, hash: number): number {
  const mask = slots.length - 1;
  let at = (hash >>> 1) & mask;
  for (;;) {
    const column = slots[at] ?? EMPTY;
    if (column === EMPTY || hashes[column] === hash) return column;
    at = (at + 1) & mask;
  }
}

/** Logarithms differ in the last bit between engines: float32 is where they agree. */
const logarithm = (x: number): number => Math.fround(Math.log(x));

export function vocabularyOf(texts: readonly string[]): Vocabulary {
  const frequency = new Map<number, number>();
  for (const text of texts) {
    for (const hash of new Set(featuresOf(text))) frequency.set(hash, (frequency.get(hash) ?? 0) + 1);
  }
  const seenMin = texts.length < RARE_KEPT_BELOW ? 1 : 2;
  const kept = [...frequency].filter(([, seen]) => seen >= seenMin);
  const hashes = Uint32Array.from(kept, ([hash]) => hash).sort();
  const idf = Float32Array.from(hashes, (hash) => 1 + logarithm((1 + texts.length) / (1 + (frequency.get(hash) ?? 0))));
  return { hashes, idf, slots: slotsOf(hashes) };
}

export function vectorise(vocabulary: Vocabulary, text: string): SparseVector {
  const features = featuresOf(text);
  let known = 0;
  const found = new Int32Array(features.length);
  for (const hash of features) {
    const column = columnOf(vocabulary, hash);
    if (column === EMPTY) continue;
    found[known] = column;
    known += 1;
  }
  const sorted = found.subarray(0, known).sort();
  const columns = new Int32Array(known);
  const values = new Float32Array(known);
  let size = 0;
  let words = 0;
  let characters = 0;
  for (let i = 0; i < known;) {
    const column = sorted[i] ?? 0;
    let times = 1;
    while (sorted[i + times] === column) times += 1;
    i += times;
    const value = (times === 1 ? 1 : 1 + logarithm(times)) * (vocabulary.idf[column] ?? 0);
    columns[size] = column;
    values[size] = value;
    size += 1;
    if (isCharacterFeature(vocabulary.hashes[column] ?? 0)) characters += value * value;
    else words += value * value;
  }
  const wordScale = words === 0 ? 0 : 1 / Math.sqrt(words);
  const characterScale = characters === 0 ? 0 : 1 / Math.sqrt(characters);
  for (let i = 0; i < size; i += 1) {
    const scale = isCharacterFeature(vocabulary.hashes[columns[i] ?? 0] ?? 0) ? characterScale : wordScale;
    values[i] = (values[i] ?? 0) * scale;
  }
  return {
    columns: columns.subarray(0, size),
    values: values.subarray(0, size),
    known: features.length === 0 ? 0 : known / features.length,
  };
}
