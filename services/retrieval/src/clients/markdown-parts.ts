/** A stretch of a document that can be parsed by itself; offsets are UTF-16, `text` begins at `start`. */
export interface MarkdownPart {
  readonly start: number;
  readonly text: string;
}

/** From this size on, a part ends at the next place where nothing can span. */
const PART_CHARACTERS = 8_192;
/** Without such a place, at any line. */
const PART_CHARACTERS_MAX = 32_768;

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Cuts a long document so that each part parses as it would in place: outside fenced code, before a line that
 * begins at the margin after an empty one. The parser takes time with the square of the blocks in one text; this
 * keeps it linear. A table or list longer than 32 KiB without an empty line goes on as plain lines.
 */
export function markdownParts(content: string): MarkdownPart[] {
  const parts: MarkdownPart[] = [];
  let start = 0;
  let fence: string | undefined;
  let afterEmpty = false;
  for (let line = 0; line < content.length;) {
    const newline = content.indexOf("\n", line);
    const end = newline < 0 ? content.length : newline + 1;
    // A marker or the white space before it fits in this much of a line, however long the line is.
    const head = content.slice(line, Math.min(end, line + 200));
    const size = line - start;
    if (
      (size >= PART_CHARACTERS && afterEmpty && fence === undefined && /^\S/.test(head)) ||
      size >= PART_CHARACTERS_MAX
    ) {
      parts.push({ start, text: content.slice(start, line) });
      start = line;
    }
    const marker = FENCE.exec(head)?.[1];
    if (marker !== undefined) {
      if (fence === undefined) fence = marker;
      else if (marker.startsWith(fence)) fence = undefined;
    }
    afterEmpty = head.trim() === "";
    line = end;
  }
  parts.push({ start, text: content.slice(start) });
  return parts;
}
