import { type IdentifierKind, identifiersIn } from "@opsdesk/text";
import { escaped } from "./escaped.ts";

export interface Hidden {
  /** In the order in which they were given. */
  readonly texts: readonly string[];
  /** Puts back what was hidden. */
  readonly restore: (text: string) => string;
}

/** An error code says what failed, and is nobody's. A short number is a floor or an hour, a long one may be an account. */
const PERSONAL: readonly IdentifierKind[] = ["email", "phone", "url", "order-number", "asset-tag", "amount"];
const NUMBER_DIGITS_MIN = 5;
const NAME_CHARACTERS_MIN = 3;

interface Place {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

const digitsIn = (text: string): number => text.replaceAll(/\D/g, "").length;

const identifierPlaces = (text: string): readonly Place[] =>
  identifiersIn(text).filter(
    ({ kind, value }) => PERSONAL.includes(kind) || (kind === "number" && digitsIn(value) >= NUMBER_DIGITS_MIN),
  );

/** The whole name before its parts; a part only as it is written, since "may" is a word and "May" may be a person. */
function namePlaces(text: string, name: string): readonly Place[] {
  const parts = name.split(/\s+/u).filter((part) => part.length >= NAME_CHARACTERS_MIN);
  const wanted = [...new Set([name.trim(), ...parts])].filter((one) => one !== "");
  if (wanted.length === 0) return [];
  const pattern = new RegExp(String.raw`(?<![\p{L}\d])(?:${wanted.map(escaped).join("|")})(?![\p{L}\d])`, "gu");
  return [...text.matchAll(pattern)].map(({ 0: value, index }) => ({
    kind: "name",
    start: index,
    end: index + value.length,
  }));
}

/** In order of place; those that overlap are one, so that nothing of either stays. */
function apart(places: readonly Place[]): readonly Place[] {
  const kept: Place[] = [];
  for (const place of places.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = kept.at(-1);
    if (last === undefined || place.start >= last.end) kept.push(place);
    else kept[kept.length - 1] = { ...last, end: Math.max(last.end, place.end) };
  }
  return kept;
}

/**
 * Replaces what a person could be recognised by with a placeholder, the same one wherever the same words stand. A
 * placeholder that the texts hold already is not used, so that nobody can have another's data put back for it.
 */
export function pseudonymise(texts: readonly string[], customerName: string): Hidden {
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();

  function fresh(kind: string): string {
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    const placeholder = `[${kind}-${n}]`;
    return texts.some((text) => text.includes(placeholder)) ? fresh(kind) : placeholder;
  }

  function placeholderFor(kind: string, value: string): string {
    const known = placeholders.get(value);
    if (known !== undefined) return known;
    const placeholder = fresh(kind);
    placeholders.set(value, placeholder);
    return placeholder;
  }

  function hide(text: string): string {
    let hidden = "";
    let from = 0;
    for (const { end, kind, start } of apart([...identifierPlaces(text), ...namePlaces(text, customerName)])) {
      hidden += text.slice(from, start) + placeholderFor(kind, text.slice(start, end));
      from = end;
    }
    return hidden + text.slice(from);
  }

  const hidden = texts.map(hide);
  const values = new Map([...placeholders].map(([value, placeholder]) => [placeholder, value]));
  return {
    texts: hidden,
    restore: (text) => text.replaceAll(/\[[a-z-]+-\d+\]/g, (placeholder) => values.get(placeholder) ?? placeholder),
  };
}
