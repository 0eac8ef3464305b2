/** A stretch of a text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Bytes of one UTF-16 unit's share in UTF-8; both halves of a surrogate pair count two. */
function bytesOfUnit(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}

/** UTF-8 bytes of a stretch of well-formed text, without encoding it. */
export function utf8Bytes(text: string, { start, end }: Span): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) bytes += bytesOfUnit(text.charCodeAt(at));
  return bytes;
}

/** The stretch without white space at its ends; undefined where nothing else is left. */
export function trimmed(text: string, span: Span): Span | undefined {
  const slice = text.slice(span.start, span.end);
  const start = span.start + (slice.length - slice.trimStart().length);
  const end = span.start + slice.trimEnd().length;
  return start < end ? { start, end } : undefined;
}

/** The furthest place whose text from `start` takes at most `bytesMax`. */
function reach(text: string, { start, end }: Span, bytesMax: number): number {
  let bytes = 0;
  for (let at = start; at < end; at += 1) {
    bytes += bytesOfUnit(text.charCodeAt(at));
    if (bytes > bytesMax) return at;
  }
  return end;
}

const JOINS_ON = /^(?:\p{M}|\u200d|\ufe0f|[\u{1f3fb}-\u{1f3ff}])/u;
const JOINERS_MAX = 32;

/** Moves a cut back out of a surrogate pair and off what belongs to the character before it. */
function betweenCharacters(text: string, from: number, wanted: number): number {
  for (let at = wanted; at > from && wanted - at < JOINERS_MAX; at -= 1) {
    const inPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    if (!inPair && !JOINS_ON.test(text.slice(at, at + 2)) && text.charCodeAt(at - 1) !== 0x200d) return at;
  }
  // A pile of marks longer than any real character: only a surrogate pair must not be parted.
  return (text.charCodeAt(wanted) & 0xfc00) === 0xdc00 ? wanted - 1 : wanted;
}

/** The longest character in UTF-8. */
const CHARACTER_BYTES = 4;

const PLACES: readonly RegExp[] = [/\n(?!\n)/g, /[.!?…]["'”’)\]]*\s|[。！？]/g, /\s/g];

/** Where to cut between `from` and `to`: after a line, else a sentence, else a word, else a character. */
function cutBetween(text: string, start: number, from: number, to: number): number {
  const window = text.slice(from, to);
  for (const place of PLACES) {
    let last = -1;
    for (const match of window.matchAll(place)) last = match.index + match[0].length;
    if (last > 0) return from + last;
  }
  return betweenCharacters(text, start, to);
}

/**
 * Cuts a stretch into pieces of at most `bytesMax` bytes of UTF-8 and of similar size. Pieces tile the stretch:
 * put together they are the stretch again. `bytesMax` must have room for one character (4 bytes).
 */
export function splitText(text: string, span: Span, bytesMax: number): Span[] {
  const pieces: Span[] = [];
  let { start } = span;
  let bytesLeft = utf8Bytes(text, span);
  while (bytesLeft > bytesMax) {
    const even = bytesLeft / Math.ceil(bytesLeft / bytesMax);
    const to = reach(text, { start, end: span.end }, Math.min(bytesMax, Math.max(CHARACTER_BYTES, even * 1.2)));
    const from = Math.max(start + 1, reach(text, { start, end: span.end }, even * 0.6));
    const end = Math.max(start + 1, cutBetween(text, start, Math.min(from, to), to));
    pieces.push({ start, end });
    bytesLeft -= utf8Bytes(text, { start, end });
    start = end;
  }
  if (start < span.end) pieces.push({ start, end: span.end });
  return pieces;
}
