import type { Evidence, Sentence, Slot } from "@opsdesk/schemas/common";
import type { Template } from "@opsdesk/schemas/desk";
import { sentencesOf } from "@opsdesk/text";
import { grounding } from "./ground.ts";
import type { Quote } from "./model.ts";
import type { SystemValues } from "./system-slots.ts";

export type Composed =
  | { readonly outcome: "composed"; readonly sentences: readonly Sentence[]; readonly slots: readonly Slot[] }
  | { readonly outcome: "abstained"; readonly reason: "evidence_weak" | "slot_unfilled" };

const MARK = /\{\{([a-z][a-z0-9_]*)\}\}/g;

interface Filled extends Slot {
  readonly citation?: { readonly chunkId: string; readonly quote: string };
}

/** A slot's value, or undefined where there is none. What is called knowledge is verbatim in the evidence, or it is the model's. */
function fill(
  slot: Template["slots"][number],
  system: SystemValues,
  quotes: readonly Quote[],
  evidence: readonly Evidence[],
): Filled | undefined {
  if (slot.provenance === "system") {
    // Only the desk's own values are system values; a slot that is named otherwise stays empty.
    const value = (system as Readonly<Record<string, string | undefined>>)[slot.name];
    return value === undefined ? undefined : { name: slot.name, value, provenance: "system" };
  }
  const said = slot.provenance === "knowledge" ? quotes.find((quote) => quote.slot === slot.name) : undefined;
  if (said === undefined || said.quote.trim() === "" || said.quote.length > 320) return undefined;
  const verbatim = evidence.some((item) => item.citation.chunkId === said.chunkId && item.text.includes(said.quote));
  return {
    name: slot.name,
    // Files wrap lines; a reply does not. The citation keeps the quote as it stands.
    value: said.quote.replaceAll(/\s+/g, " ").trim(),
    provenance: verbatim ? "knowledge" : "model",
    citation: { chunkId: said.chunkId, quote: said.quote },
  };
}

/**
 * Fills an approved template. Nothing is invented: every word is the template's, the desk's or the evidence's. A
 * sentence whose optional slot has no value is left out; a required one ends it.
 *
 * A sentence that closes a paragraph ends with an empty line (`"\n\n"`), so that the text is the sentences' texts,
 * joined by a space where no line ends.
 */
export function composeDraft(
  template: Template,
  system: SystemValues,
  quotes: readonly Quote[],
  evidence: readonly Evidence[],
): Composed {
  const filled = new Map<string, Filled>();
  for (const slot of template.slots) {
    const value = fill(slot, system, quotes, evidence);
    if (value !== undefined) filled.set(slot.name, value);
    else if (slot.required)
      return { outcome: "abstained", reason: slot.provenance === "knowledge" ? "evidence_weak" : "slot_unfilled" };
  }
  const citationsFor = grounding(template, evidence);
  const paragraphs = template.body
    .replaceAll("\r\n", "\n")
    .split(/\n[ \t]*\n/u)
    .map((paragraph) =>
      sentencesOf(paragraph.trim(), template.locale).flatMap(
        ({ text }) => sentenceOf(text, filled, citationsFor) ?? [],
      ),
    )
    .filter((sentences) => sentences.length > 0);
  const sentences = paragraphs.flatMap((paragraph, i) =>
    paragraph.map((sentence, k) =>
      k === paragraph.length - 1 && i < paragraphs.length - 1
        ? { ...sentence, text: `${sentence.text}\n\n` }
        : sentence,
    ),
  );
  return {
    outcome: "composed",
    sentences,
    slots: [...filled.values()].map(({ name, value, provenance }) => ({ name, value, provenance })),
  };
}

function sentenceOf(
  text: string,
  filled: ReadonlyMap<string, Filled>,
  citationsFor: (text: string) => Sentence["citations"],
): Sentence | undefined {
  const names = [...text.matchAll(MARK)].map(([, name = ""]) => name);
  if (names.some((name) => !filled.has(name))) return undefined;
  const quoted = names.flatMap((name) => filled.get(name)?.citation ?? []);
  const whole = text.replaceAll(MARK, (_, name: string) => filled.get(name)?.value ?? "");
  return quoted.length > 0
    ? { text: whole, source: "slot", citations: quoted }
    : { text: whole, source: "template", citations: citationsFor(whole) };
}
