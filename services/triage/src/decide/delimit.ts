import { contentHash } from "@opsdesk/identity";

/** A text that others wrote, and what it is called in the question. */
export interface Untrusted {
  readonly name: string;
  readonly text: string;
}

/** 128 bits: see `delimited`. */
const MARK_CHARACTERS = 32;
/** Anything that has the look of a mark, in whatever case, width and spacing. */
const LOOKS_LIKE_ONE =
  /[<＜‹〈]\s{0,9}[/／]?\s{0,9}(?:[\p{L}\d]{1,40}\s{0,9}[-‐‑–_]\s{0,9}){1,3}[0-9a-f]{8,64}\s{0,9}[>＞›〉]?/giu;

/**
 * Puts each text between marks that its writer cannot know. A mark is the hash of all the texts together, so the same
 * question is the same bytes again; a text that held its own mark would have another mark, and finding one that holds
 * it all the same is 2^128 tries. What only looks like a mark is taken out, so that no model is misled by it either.
 */
export function delimited(texts: readonly Untrusted[]): string {
  const mark = contentHash(texts.map(({ name, text }) => [name, text])).slice(0, MARK_CHARACTERS);
  return texts
    .map(({ name, text }) => `<${name}-${mark}>\n${text.replaceAll(LOOKS_LIKE_ONE, " ")}\n</${name}-${mark}>`)
    .join("\n");
}
