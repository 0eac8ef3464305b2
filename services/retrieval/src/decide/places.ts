/** Words before a place's number or letter, in the languages that desks are written to in. */
const WORDS = "building|bldg|site|branch|store|campus|depot|warehouse|floor|gebäude|standort|filiale|bâtiment|edificio";
const PLACE = new RegExp(
  String.raw`(?<![\p{L}\d])(${WORDS})[ \u00a0]{1,2}(\d{1,4}[\p{L}]?|[A-Z]\d{0,3})(?![\p{L}\d])`,
  "giu",
);
const SITES_MAX = 5;
const NAME_CHARACTERS_MAX = 100;

const words = (text: string): string =>
  ` ${text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .join(" ")} `;

/** The form in which sites are compared. */
const siteId = (name: string): string => words(name).trim().slice(0, NAME_CHARACTERS_MAX);

/** Sites that a text names: those that the desk's knowledge knows, as whole words; then numbered buildings and floors. */
export function sitesIn(text: string, known: readonly string[]): string[] {
  const spoken = words(text);
  const named = known.map(siteId).filter((site) => site.length >= 3 && spoken.includes(` ${site} `));
  const numbered = [...text.matchAll(PLACE)].map(([, word = "", designator = ""]) => siteId(`${word} ${designator}`));
  return [...new Set([...named, ...numbered])].slice(0, SITES_MAX);
}
