import { sectionsOf } from "./sections.ts";
import { type Span, splitText, trimmed, utf8Bytes } from "./split-text.ts";

/**
 * Where something begins that should be kept whole: a heading, a paragraph, a list item, a table's row.
 * It ends where the next block begins, so blocks cover a text by construction and nothing can be lost.
 */
export interface Block {
  readonly start: number;
  readonly kind: "heading" | "text" | "row";
  /** Of a heading: 1 to 6, and its words. */
  readonly depth?: number;
  readonly title?: string;
  /** Of a table's row: the words of the table's first row. */
  readonly header?: string;
}

/** `text` is exactly the source text from `start` to `end` (UTF-16 offsets, end exclusive). */
export interface Chunk {
  readonly ordinal: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly section: string;
  /** `title › section`, and a table's header where the chunk begins within the table. Searched, never quoted. */
  readonly context: string;
}

/** What an event may carry of one chunk; about 512 tokens of English. */
export const CHUNK_BYTES_MAX = 2_048;
/** A section shorter than this (a bare heading, a one-line note) is joined by what follows it. */
const SECTION_BYTES_MIN = 80;
const HEADER_CHARACTERS_MAX = 200;

interface Piece extends Span {
  readonly bytes: number;
  readonly section: string;
  readonly header: string | undefined;
}

function piecesOf(content: string, blocks: readonly Block[], title: string): Piece[] {
  return sectionsOf(content, blocks, title).flatMap(({ start, end, section, header }) => {
    const whole = trimmed(content, { start, end });
    if (whole === undefined) return [];
    return splitText(content, whole, CHUNK_BYTES_MAX).flatMap((span) => {
      const piece = trimmed(content, span);
      return piece === undefined ? [] : [{ ...piece, bytes: utf8Bytes(content, piece), section, header }];
    });
  });
}

/** Pieces that go together: as many of one section as fit, and a very short section with what follows it. */
function packed(content: string, pieces: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group !== undefined && last !== undefined) {
      const together = bytes + utf8Bytes(content, { start: last.end, end: piece.start }) + piece.bytes;
      if (together <= CHUNK_BYTES_MAX && (last.section === piece.section || bytes < SECTION_BYTES_MIN)) {
        group.push(piece);
        bytes = together;
        continue;
      }
    }
    groups.push([piece]);
    bytes = piece.bytes;
  }
  return groups;
}

/**
 * Cuts a source's text into chunks on its structure. Every character that is not white space is in exactly one
 * chunk, in order; a list item or a table's row is parted only where it is larger than a chunk.
 */
export function chunksOf(content: string, blocks: readonly Block[], title: string): Chunk[] {
  return packed(content, piecesOf(content, blocks, title)).map((group, ordinal) => {
    const start = group[0]?.start ?? 0;
    const end = group.at(-1)?.end ?? start;
    // The section that most of the chunk belongs to.
    const { section } = group.reduce((most, piece) => (piece.bytes > most.bytes ? piece : most));
    const header = group[0]?.header;
    const context = [title, section, header?.slice(0, HEADER_CHARACTERS_MAX).toWellFormed()]
      .filter(Boolean)
      .join(" › ");
    return { ordinal, start, end, text: content.slice(start, end), section, context };
  });
}
