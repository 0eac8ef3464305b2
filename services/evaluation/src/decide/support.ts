import { contentTokens, identifiersIn } from "@opsdesk/text";

/**
 * A sentence with a smaller share of its content words in the context says something of its own. From 0.6 to 0.7 it
 * agrees best with people's ratings (`npm run measure -- groundedness`).
 */
const SUPPORTED_SHARE_MIN = 0.7;

export interface Support {
  /** Sentences with at least one content word. */
  readonly sentences: number;
  readonly unsupported: readonly string[];
}

const flat = (text: string): string => text.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ").trim();

/** Whole: "12" is not in "2012". */
function occurs(value: string, context: string): boolean {
  for (let at = context.indexOf(value); at >= 0; at = context.indexOf(value, at + 1)) {
    const before = context[at - 1] ?? " ";
    const after = context[at + value.length] ?? " ";
    if (!/[\p{L}\d]/u.test(before) && !/[\p{L}\d]/u.test(after)) return true;
  }
  return false;
}

/**
 * Which sentences of a draft nothing supports. `contexts` are the evidence and the text that people have approved;
 * the label that a draft gives to its own sentences is not asked. A number, link or identifier that no context has
 * makes a sentence unsupported whatever its other words.
 */
export function unsupportedSentences(
  sentences: readonly string[],
  contexts: readonly string[],
  language: string,
): Support {
  const known = new Set(contexts.flatMap((context) => contentTokens(context, language)));
  const context = flat(contexts.join("\n"));
  const unsupported: string[] = [];
  let counted = 0;
  for (const sentence of sentences) {
    const tokens = contentTokens(sentence, language);
    if (tokens.length === 0) continue;
    counted += 1;
    const found = tokens.filter((token) => known.has(token)).length;
    const invented = identifiersIn(sentence).some(({ value }) => !occurs(flat(value), context));
    if (invented || found / tokens.length < SUPPORTED_SHARE_MIN) unsupported.push(sentence.trim());
  }
  return { sentences: counted, unsupported };
}
