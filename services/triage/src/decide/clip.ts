/** At most so many UTF-16 units of a text, without half a character at the end: Postgres refuses such JSON. */
export const clip = (text: string, charactersMax: number): string =>
  text.length <= charactersMax
    ? text.toWellFormed()
    : text
        .slice(0, charactersMax)
        .replace(/[\ud800-\udbff]$/, "")
        .toWellFormed();

/** The same from the end: the newest words of a conversation. */
export const clipStart = (text: string, charactersMax: number): string =>
  text.length <= charactersMax ? text : text.slice(-charactersMax).replace(/^[\udc00-\udfff]/, "");
