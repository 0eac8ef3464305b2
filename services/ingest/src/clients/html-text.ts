const BREAKS: ReadonlySet<string> = new Set(["br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"]);
const HIDDEN: ReadonlySet<string> = new Set(["script", "style", "head", "title"]);
const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: " ",
  lt: "<",
  gt: ">",
  quot: '"',
  amp: "&",
  apos: "'",
  "#39": "'",
};

/**
 * The words of a letter that came as HTML alone, for people and models to read; it is never shown as HTML.
 * One pass over its tags: patterns that search on from every bracket would let a letter hold the process.
 */
export function textOfHtml(html: string): string {
  const pieces: string[] = [];
  let hidden = "";
  for (const part of html.replaceAll("\r", "").split("<")) {
    const close = part.indexOf(">");
    const [tag, text] =
      close < 0 ? ["", pieces.length === 0 ? part : ""] : [part.slice(0, close), part.slice(close + 1)];
    const name = /^\/?([a-z][a-z0-9]*)/i.exec(tag.slice(0, 20))?.[1]?.toLowerCase() ?? "";
    if (hidden !== "" && tag.startsWith("/") && name === hidden) hidden = "";
    else if (hidden === "" && HIDDEN.has(name) && !tag.startsWith("/") && !tag.endsWith("/")) hidden = name;
    if (hidden !== "") continue;
    pieces.push(BREAKS.has(name) ? "\n" : " ", text);
  }
  const lines = decoded(pieces.join(""))
    .split("\n")
    .map((line) => line.replaceAll(/[^\S\n]+/g, " ").trim());
  return lines
    .filter((line, index) => line !== "" || lines[index - 1] !== "")
    .join("\n")
    .trim();
}

const decoded = (text: string): string =>
  text.replaceAll(/&(nbsp|lt|gt|quot|amp|apos|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
