import { contentHash } from "@opsdesk/identity";
import { clip } from "./clip.ts";
import { isShadow } from "./ticket.ts";

/** A labelled text. Of two labels for one text the later stands. */
export interface Lesson {
  readonly tenant: string;
  /** Of the text: a text has one label. */
  readonly textHash: string;
  readonly text: string;
  readonly categoryId: string;
  readonly origin: "submitted" | "correction";
  /** RFC 3339: when it was labelled. */
  readonly at: string;
}

const TEXT_CHARACTERS_MAX = 4_000;

/** What the router reads: the subject goes first unless it only repeats how the text begins. */
export function routingText(subject: string, text: string): string {
  const head = subject.replace(/(?:…|\.{3})$/u, "").trim();
  const whole =
    head === "" || text.trimStart().toLowerCase().startsWith(head.toLowerCase()) ? text : `${head}\n${text}`;
  return clip(whole.trim(), TEXT_CHARACTERS_MAX);
}

export const lesson = (
  tenant: string,
  text: string,
  categoryId: string,
  origin: Lesson["origin"],
  at: string,
): Lesson => ({
  tenant,
  textHash: contentHash(text),
  text,
  categoryId,
  origin,
  at,
});

/** A person's correction as a lesson; none from evaluation's shadow, and none without words. */
export function lessonFrom(correction: {
  tenant: string;
  subject: string;
  text: string;
  categoryId: string;
  at: string;
}): Lesson | undefined {
  const text = routingText(correction.subject, correction.text);
  if (isShadow(correction.tenant) || text === "") return undefined;
  return lesson(correction.tenant, text, correction.categoryId, "correction", correction.at);
}
