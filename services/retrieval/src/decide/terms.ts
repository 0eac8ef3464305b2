import { contentTokens, identifiersIn } from "@opsdesk/text";

/** A lexeme of Postgres holds at most 2,046 bytes; no word that anybody looks for is this long. */
const TERM_CHARACTERS_MAX = 200;
/** Rank looks at no more: a lexeme keeps at most 255 places, each below 16,384. */
const PLACE_MAX = 16_383;
const PLACES_MAX = 255;

const quoted = (term: string): string => `'${term.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** The words that carry content, stemmed, without those too long to be words. */
export const termsOf = (text: string, locale: string): string[] =>
  contentTokens(text, locale).filter((term) => term.length <= TERM_CHARACTERS_MAX);

/**
 * Terms as the text form of a `tsvector`, with their places. Stems and stop words are ours and not those of the
 * server's dictionaries, so that search, the weak-evidence rule and every lane see the same words.
 */
export function termVector(terms: readonly string[]): string {
  const places = new Map<string, number[]>();
  terms.forEach((term, index) => {
    const known = places.get(term) ?? [];
    if (known.length < PLACES_MAX) known.push(Math.min(index + 1, PLACE_MAX));
    places.set(term, known);
  });
  return [...places].map(([term, at]) => `${quoted(term)}:${at.join(",")}`).join(" ");
}

/** Any of the terms, as the text form of a `tsquery`. */
export const anyTermOf = (terms: readonly string[]): string => [...new Set(terms)].map(quoted).join(" | ");

const SEARCHED_KINDS: ReadonlySet<string> = new Set(["error-code", "asset-tag", "order-number"]);
const IDENTIFIER_CHARACTERS_MAX = 100;

/** Error codes, asset tags and order numbers of a text, in the one form in which they are compared. */
export const searchedIdentifiers = (text: string): string[] => [
  ...new Set(
    identifiersIn(text)
      .filter(({ kind, value }) => SEARCHED_KINDS.has(kind) && value.length <= IDENTIFIER_CHARACTERS_MAX)
      // "order #10233" and "#10233" are one number; other prefixes (PO, INV) are part of theirs.
      .map(({ value }) =>
        value
          .toUpperCase()
          .replaceAll(/[\s#]+/g, "")
          .replace(/^ORDER[-_]?(?=\d)/, ""),
      ),
  ),
];
