/** Where mail programs begin what they quote. */
const QUOTE_HEADS = [
  /^-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{2,}\s*$/iu,
  /^(?:on|am|le|el|op|il|em)\b.{4,200}\b(?:wrote|schrieb|a écrit|escribió|schreef|ha scritto|escreveu)\b.{0,120}:\s*$/iu,
  /^_{10,}\s*$/u,
];
/** The signature mark of RFC 3676, which mailers often strip of its last space; and what phones add. */
const SIGNATURE = /^(?:--\s?|sent from my \S.{0,40}|von meinem \S.{0,40} gesendet|envoyé de mon \S.{0,40})$/iu;
/** `From:` alone may be the customer's own words; followed by another header it is a quoted mail. */
const HEADER = /^(?:from|von|de|sent|gesendet|envoyé|to|an|subject|betreff):\s/iu;

/**
 * What a person newly wrote, for classification only: without quoted replies and signature. The text as it was sent
 * is kept elsewhere, unchanged. A message that is nothing but a quote is taken as it is.
 */
export function cleanText(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const kept: string[] = [];
  for (const [i, line] of lines.entries()) {
    const bare = line.trim();
    // An "On … wrote:" may be wrapped after its first line.
    const joined = `${bare} ${lines[i + 1]?.trim() ?? ""}`;
    const quoteBegins = QUOTE_HEADS.some(
      (head) => head.test(bare) || (/^(?:on|am|le|el|op|il|em)\b/iu.test(bare) && head.test(joined)),
    );
    if (quoteBegins || SIGNATURE.test(bare) || (HEADER.test(bare) && HEADER.test(lines[i + 1]?.trim() ?? ""))) break;
    if (!bare.startsWith(">")) kept.push(line.trimEnd());
  }
  const cleaned = kept
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
  return cleaned === "" ? text.trim() : cleaned;
}
