import type { Template } from "@opsdesk/schemas/desk";
import { contentTokens } from "@opsdesk/text";
import { type EvidenceSentence, evidenceSentences } from "./evidence-sentences.ts";
import type { DraftInput, DraftOutput, Quote } from "./model.ts";
import { sayable } from "./sayable.ts";

const QUOTE_CHARACTERS_MIN = 20;
const QUOTE_CHARACTERS_MAX = 300;
/** A sentence must be about one of the slot's subjects as a whole; what the customer wrote only breaks ties. */
const ABOUT_MIN = 1;
const ENQUIRY_WEIGHT = 0.5;
const SAID_ALREADY = 0.8;
/** A sentence that begins so speaks of one before it, which is not quoted with it. */
const REFERS_BACK = /^(?:it|its|this|that|these|those|they|he|she|es|dies|diese|dieser|dieses|cela|ils?|elles?)\b/iu;

const stemsOf = (text: string, language: string): ReadonlySet<string> => new Set(contentTokens(text, language));

function shareIn(wanted: ReadonlySet<string>, stems: ReadonlySet<string>): number {
  if (wanted.size === 0) return 0;
  let found = 0;
  for (const stem of wanted) if (stems.has(stem)) found += 1;
  return found / wanted.size;
}

const countIn = (wanted: ReadonlySet<string>, stems: ReadonlySet<string>): number =>
  wanted.size * shareIn(wanted, stems);

/** The template whose words are nearest to the enquiry's; the first by id where none is nearer. */
function nearest(templates: readonly Template[], enquiry: ReadonlySet<string>, language: string): Template | undefined {
  const [first, ...others] = templates.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (first === undefined || others.length === 0) return first;
  const near = (template: Template): number =>
    countIn(enquiry, stemsOf(`${template.title}\n${template.body}`, language));
  return others.reduce((best, template) => (near(template) > near(best) ? template : best), first);
}

/** A statement of fit length: a question answers nothing, and what has a colon introduces what is not quoted with it. */
const quotable = ({ text }: EvidenceSentence): boolean =>
  text.length >= QUOTE_CHARACTERS_MIN &&
  text.length <= QUOTE_CHARACTERS_MAX &&
  !/:\s/u.test(text) &&
  !REFERS_BACK.test(text) &&
  /[.!。]["'”’)]?$/u.test(text);

function quoteFor(
  slot: Template["slots"][number],
  sentences: readonly EvidenceSentence[],
  enquiry: ReadonlySet<string>,
  language: string,
): Quote | undefined {
  const subjects = (slot.about ?? []).map((about) => stemsOf(about, language)).filter((stems) => stems.size > 0);
  let best: { score: number; sentence: EvidenceSentence } | undefined;
  for (const sentence of sentences) {
    const about = subjects.reduce((sum, subject) => sum + (shareIn(subject, sentence.stems) === 1 ? 1 : 0), 0);
    if (about < ABOUT_MIN) continue;
    const score = about + ENQUIRY_WEIGHT * countIn(enquiry, sentence.stems);
    // Evidence comes best first, so the earlier sentence wins a tie.
    if (best === undefined || score > best.score) best = { score, sentence };
  }
  return best === undefined
    ? undefined
    : { slot: slot.name, chunkId: best.sentence.chunkId, quote: best.sentence.text };
}

/** Chooses a template of the category, and for each knowledge slot the most relevant sentence of the evidence. */
export function draftByRules({ evidence, language, subject, templates, text }: DraftInput): DraftOutput {
  const enquiry = stemsOf(`${subject}\n${text}`, language);
  const template = nearest(templates, enquiry, language);
  if (template === undefined) return { outcome: "abstained", reason: "template_missing", templateId: null, quotes: [] };
  const quotableEvidence = sayable(evidence);
  const grounds = quotableEvidence.filter((item) => template.grounds.includes(item.citation.sourceId));
  // What the template says already, in these words or nearly, would be said twice.
  const said = stemsOf(template.body, language);
  const sentences = evidenceSentences(grounds.length > 0 ? grounds : quotableEvidence, language).filter(
    (sentence) => quotable(sentence) && shareIn(sentence.stems, said) < SAID_ALREADY,
  );
  const quotes = template.slots
    .filter((slot) => slot.provenance === "knowledge")
    .flatMap((slot) => quoteFor(slot, sentences, enquiry, language) ?? []);
  return { outcome: "chosen", templateId: template.id, quotes };
}
