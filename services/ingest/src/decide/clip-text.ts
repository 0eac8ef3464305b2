/** What an event carries of a text: 64 KiB of UTF-8, and never more JSON than fits a record with room to spare. */
const BYTES_MAX = 65_536;
const JSON_BYTES_MAX = 131_072;

/** The longest text that a message may have: it is stored whole. */
export const SOURCE_TEXT_BYTES_MAX = 1_048_576;

const utf8Bytes = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

// Control characters become \u00xx, quotes and backslashes two characters.
const jsonBytes = (point: number): number =>
  point < 0x20 ? 6 : point === 0x22 || point === 0x5c ? 2 : utf8Bytes(point);

export interface Clipped {
  readonly text: string;
  readonly truncated: boolean;
}

/** The beginning of a text as an event may carry it, cut between code points. */
export function clipText(text: string, bytesMax = BYTES_MAX, jsonBytesMax = JSON_BYTES_MAX): Clipped {
  // Three bytes is the most that one UTF-16 unit can take and six the most of its JSON, so short texts need no count.
  if (text.length * 3 <= bytesMax && text.length * 6 <= jsonBytesMax) return { text, truncated: false };
  let bytes = 0;
  let json = 0;
  let end = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += utf8Bytes(point);
    json += jsonBytes(point);
    if (bytes > bytesMax || json > jsonBytesMax) return { text: text.slice(0, end), truncated: true };
    end += character.length;
  }
  return { text, truncated: false };
}

/** The bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += utf8Bytes(character.codePointAt(0) ?? 0);
  return bytes;
}

/** At most so many UTF-16 units, cut between code points: the measure of the contracts' length limits. */
export function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  const last = text.charCodeAt(unitsMax - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? unitsMax - 1 : unitsMax);
}

/** Whether a text holds what no store keeps: NUL, or half of a surrogate pair. */
export const isUnsafe = (text: string): boolean => text.includes("\0") || !text.isWellFormed();
