import type { Sentence, Slot } from "@opsdesk/schemas/common";
import type { Template } from "@opsdesk/schemas/desk";

/** Longer replies are not sent by any channel of the desk; events refuse them too. */
export const REPLY_LENGTH_MAX = 16_384;

const MARK = /\{\{([^{}\n]*)\}\}/g;

/** One space for any run of white space, so that wrapping and paragraphs do not count as differences. */
export const squashed = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** The template's body with its slots filled; a slot without a value leaves nothing. */
export function rendered(template: Template, slots: readonly Slot[]): string {
  const values = new Map(slots.map((slot) => [slot.name, slot.value]));
  return template.body.replaceAll(MARK, (_, name: string) => values.get(name.trim()) ?? "");
}

/** The words of a template that a person approved as they stand, slot marks taken out. */
export const fixedText = (template: Template): string => template.body.replaceAll(MARK, " ");

/**
 * The reply that the sentences make. Sentences carry no paragraphs, so where they are exactly the filled template
 * its own layout is used; otherwise one space joins them, unless they bring white space of their own.
 */
export function draftText(sentences: readonly Sentence[], template: Template | null, slots: readonly Slot[]): string {
  const joined = sentences.reduce(
    (text, { text: next }) => (text === "" || /\s$/.test(text) || /^\s/.test(next) ? text + next : `${text} ${next}`),
    "",
  );
  if (template !== null) {
    const filled = rendered(template, slots);
    if (squashed(filled) === squashed(joined)) return filled.replaceAll(/\n{3,}/g, "\n\n").trim();
  }
  return joined.trim();
}
