import { remembered } from "@opsdesk/text";

const plainOf = remembered((text) => ({
  plain: text.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ").trim(),
}));
const plain = (text: string): string => plainOf(text).plain;

const WORD = /[\p{L}\p{N}]/u;
/** Characters that hold a number, an address or a name together when a letter or digit follows them. */
const GLUE = /[.,:/'’@_-]/u;

const cutsBefore = (text: string, at: number): boolean => {
  const [before = "", far = ""] = [text[at - 1], text[at - 2]];
  return WORD.test(before) || (GLUE.test(before) && WORD.test(far));
};

const cutsAfter = (text: string, at: number): boolean => {
  const [after = "", far = ""] = [text[at], text[at + 1]];
  return WORD.test(after) || (GLUE.test(after) && WORD.test(far));
};

/**
 * Whether a value occurs whole in one of the texts: "12" is not in "1,200", nor "evil.example" in
 * "evil.example.org". Letter case, width and wrapping do not count.
 */
export function occursIn(value: string, texts: readonly string[]): boolean {
  const wanted = plain(value);
  return texts.some((raw) => {
    const text = plain(raw);
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
      if (!cutsBefore(text, at) && !cutsAfter(text, at + wanted.length)) return true;
    }
    return false;
  });
}
