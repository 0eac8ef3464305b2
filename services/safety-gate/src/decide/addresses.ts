import { type Identifier, identifiersIn } from "@opsdesk/text";

/** Mailboxes and host names under any ending: an organisation's own (`.internal`, `.local`) are on no public list. */
const MAILBOX = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}][\p{L}\p{N}.-]*[\p{L}\p{N}]/gu;
const HOST = /(?<![\p{L}\p{N}@/.-])(?:[\p{L}\p{N}-]{2,}\.)+\p{L}{2,}(?![\p{L}\p{N}])/gu;

/** Everything in a text that could be wrong by one character and then harm: identifiers, numbers, addresses. */
export function factsIn(text: string): readonly Identifier[] {
  const found = [...identifiersIn(text)];
  for (const [kind, pattern] of [
    ["email", MAILBOX],
    ["url", HOST],
  ] as const) {
    for (const { 0: value, index: start } of text.matchAll(pattern)) {
      const end = start + value.length;
      const covered = found.some((other) => other.start <= start && end <= other.end);
      if (!covered) found.push({ kind, value, start, end });
    }
  }
  return found;
}
