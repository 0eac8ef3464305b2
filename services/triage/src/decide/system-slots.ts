import type { Desk } from "@opsdesk/schemas/desk";

/** What the desk fills in by itself, by slot name. */
export type SystemValues = Readonly<Record<"customer_name" | "reference" | "desk_name" | "signature", string>>;

const FIRST_NAME_CHARACTERS_MAX = 40;
const TITLES = new Set(["mr", "mrs", "ms", "mx", "miss", "dr", "prof", "herr", "frau", "mme", "sr", "sra"]);
/** Where no name is known. Other languages greet without one. */
const NEUTRAL: Readonly<Record<string, string>> = { en: "there", de: "zusammen" };

/**
 * A greeting's name. A customer writes it, so only letters pass: an address, a number or a sentence in the name
 * field becomes the neutral greeting.
 */
export function firstName(name: string, language: string): string {
  const [last = "", given] = name.normalize("NFC").split(",");
  const words = (given ?? last).trim().split(/\s+/u);
  const first = words.find((word) => !TITLES.has(word.toLowerCase().replace(/\.$/, ""))) ?? "";
  const spoken =
    words.length <= 5 &&
    /^\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*$/u.test(first) &&
    first.length <= FIRST_NAME_CHARACTERS_MAX;
  return spoken ? first : (NEUTRAL[language] ?? "");
}

export const systemValues = (
  desk: Desk,
  ticket: { readonly reference: string; readonly customerName: string },
  language: string,
): SystemValues => ({
  customer_name: firstName(ticket.customerName, language),
  reference: ticket.reference,
  desk_name: desk.business.name,
  signature: desk.business.signature,
});
