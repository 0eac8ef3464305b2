import { find } from "linkifyjs";
import { remembered } from "./remembered.ts";

export type IdentifierKind =
  | "url"
  | "email"
  | "amount"
  | "phone"
  | "order-number"
  | "error-code"
  | "asset-tag"
  | "number";

/** `value` is the text between `start` and `end` (UTF-16 offsets, end exclusive) as it is written. */
export interface Identifier {
  readonly kind: IdentifierKind;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const CURRENCY_CODE = "(?:USD|EUR|GBP|CHF|AUD|CAD|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK)";
const CURRENCY_WORD = "(?:dollars?|euros?|pounds?|cents?|francs?|yen)";
const FIGURE = String.raw`\d{1,18}(?:[.,'’ \u00a0\u202f]\d{3}){0,5}(?:[.,]\d{1,9})?`;

/**
 * Every repetition has a bound, so that no text makes them slow. In order of precedence: what one rule has claimed, a later one leaves alone. They are drawn wide on purpose:
 * an identifier seen where there is none sends a reply to review, one that is missed could be sent.
 */
const RULES: readonly (readonly [IdentifierKind, RegExp])[] = [
  [
    "amount",
    new RegExp(
      String.raw`(?:\p{Sc}|\b${CURRENCY_CODE})[ \u00a0]?-?${FIGURE}|(?<![\p{L}\d-])${FIGURE}[ \u00a0]?(?:\p{Sc}|${CURRENCY_CODE}\b|${CURRENCY_WORD}\b)`,
      "giu",
    ),
  ],
  [
    "order-number",
    /(?<![\p{L}\d])(?:(?:ORDER|ORD|PO|SO|INV|RMA|OD)[-_ ]?#?\d[\p{L}\d]*(?:-\d{1,20}){0,5}|#\d{2,}(?:-\d{1,20}){0,5})|(?<=\b(?:order|invoice|booking|bestellung|rechnung|commande|pedido)(?:\s{1,3}(?:number|no\.?|nr\.?|id|nummer))?\s{0,3}[:#]?\s{0,3})(?=[\p{L}\d-]{0,40}\d)[\p{L}\d]{1,40}(?:-[\p{L}\d]{1,40}){0,5}/giu,
  ],
  [
    "error-code",
    /(?<![\p{L}\d])(?:(?:EC|E|BSOD)[-_]?\d{2,}[\p{L}\d]*|\p{Lu}[\p{Lu}\d]{0,30}(?:_[\p{Lu}\d]{1,30}){1,8})(?![\p{L}\d])/gu,
  ],
  [
    "error-code",
    /(?<![\p{L}\d])(?:0x[\da-f]{2,}|(?:err|error|aadsts|http|kb)[-_]?\d{2,}[\p{L}\d]*)(?![\p{L}\d])|(?<=\b(?:error|fehler|erreur|code|http|status|stop)(?:\s{1,3}(?:code|number))?\s{0,3}[:#]?\s{0,3})\d{2,}(?![\d.,]?\d)/giu,
  ],
  ["asset-tag", /(?<![\p{L}\d])\p{L}{1,6}(?:-\p{L}{1,6}){0,3}[-_]?\d{3,20}(?:-[\p{L}\d]{1,20}){0,4}(?![\p{L}\d])/gu],
  ["asset-tag", /(?<![\p{L}\d])\p{Lu}{1,6}-(?:[\p{Lu}\d]{1,12}-){0,4}\d{1,20}\p{Lu}{0,6}(?![\p{L}\d])/gu],
  // Serial numbers: six characters or more, letters and digits mixed.
  ["asset-tag", /(?<![\p{L}\d])(?=\d{0,39}[A-Z])(?=(?:[A-Z]{0,39}\d){2})[A-Z\d]{6,40}(?![\p{L}\d])/gu],
  [
    "phone",
    /(?<![\p{L}\d.,-])(?!\d{4}-\d{2}-\d{2}(?!\d))(?:\+\d{1,3}[ .\u00a0-]?)?(?:\(\d{1,5}\)[ .\u00a0-]?)?\d{2,5}(?:[ .\u00a0/-]\d{2,5}){1,5}(?![\d.,]?\d)|(?<![\p{L}\d])(?:\+|00)\d{7,14}(?!\d)|(?<![\p{L}\d.,])0\d{8,12}(?!\d)/gu,
  ],
  ["number", /(?<![\d])\d+(?:[.,:/'’-]\d+)*/gu],
];

/** Fewer digits are a range or a date, more than E.164 allows something else. */
function looksLikePhone(value: string): boolean {
  const digits = value.replaceAll(/\D/g, "").length;
  return (
    digits >= 7 && digits <= 15 && !/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/.test(value) && !/^\d+(\.\d+){3}$/.test(value)
  );
}

/**
 * Error codes, asset tags, order numbers, e-mail addresses, URLs, amounts, phone numbers, and every number left
 * over, in order of place, never overlapping. A file name that ends in a domain's ending (`report.zip`) is a URL.
 */
export const identifiersIn: (text: string) => readonly Identifier[] = remembered((text) => {
  const found: Identifier[] = find(text)
    .filter((link) => link.type === "url" || link.type === "email")
    .map((link) => ({
      kind: link.type === "email" ? "email" : "url",
      value: text.slice(link.start, link.end),
      start: link.start,
      end: link.end,
    }));
  const taken = new Uint8Array(text.length);
  for (const { start, end } of found) taken.fill(1, start, end);
  for (const [kind, pattern] of RULES) {
    for (const match of text.matchAll(pattern)) {
      const [value] = match;
      const start = match.index;
      const end = start + value.length;
      if (kind === "phone" && !looksLikePhone(value)) continue;
      if (taken.subarray(start, end).includes(1)) continue;
      found.push({ kind, value, start, end });
      taken.fill(1, start, end);
    }
  }
  return found.toSorted((a, b) => a.start - b.start);
});
