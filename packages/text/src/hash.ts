/**
 * A 32-bit hash that can be extended one number at a time, so that all n-grams that start at one place share the
 * work. Integer arithmetic only: the same on every engine. FNV-1a, with murmur3's finaliser because FNV alone
 * leaves the high bits of short strings poorly mixed.
 */
export const hashStart = (seed = 0): number => (0x811c9dc5 ^ seed) | 0;

/** Adds one number (a UTF-16 code unit, or another hash). */
export const hashStep = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193);

/** The finished hash, an unsigned 32-bit integer. */
export function hashEnd(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of a whole text, an unsigned 32-bit integer. */
export function hashText(text: string, seed = 0): number {
  let hash = hashStart(seed);
  for (let i = 0; i < text.length; i += 1) hash = hashStep(hash, text.charCodeAt(i));
  return hashEnd(hash);
}
