const ID_CHARACTERS_MAX = 60;

/** An id as a desk pack takes it: small letters and digits, parted by "-". */
export const slugOf = (text: string): string =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, ID_CHARACTERS_MAX)
    .replaceAll(/^-+|-+$/g, "") || "unnamed";

/** `card_arrival` as a person writes it: `Card arrival`. */
export function titleOf(id: string): string {
  const words = id.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
