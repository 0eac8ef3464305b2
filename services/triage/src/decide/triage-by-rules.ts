import type { MissingInformation, Priority, Risk } from "@opsdesk/schemas/common";
import type { Category, Signal } from "@opsdesk/schemas/desk";
import { detectLanguage, identifiersIn } from "@opsdesk/text";
import type { TriageInput, TriageOutput } from "./model.ts";
import { mentions, wordsOf } from "./phrases.ts";
import { summarise } from "./summarise.ts";

const LANGUAGE_CHARACTERS_MAX = 1_000;
const IDENTIFIER_CHARACTERS_MAX = 8_000;
export const RISKS_MAX = 20;
const QUESTIONS_MAX = 20;
export const URGENCY: readonly Priority[] = ["low", "normal", "high", "urgent"];

export const moreUrgent = (a: Priority, b: Priority): Priority => (URGENCY.indexOf(b) > URGENCY.indexOf(a) ? b : a);

/** What a trained router says of a text. */
export interface Routed {
  readonly label: string;
  readonly confidence: number;
  readonly inScope: boolean;
  readonly ranking: readonly { readonly label: string; readonly confidence: number }[];
}

/** One risk an id, told by the first signal that found it. */
function risksOf(found: readonly Signal[]): Risk[] {
  const risks = new Map<string, Risk>();
  for (const { risk, detail } of found)
    if (risk !== undefined && !risks.has(risk)) risks.set(risk, { id: risk, detail });
  return [...risks.values()].slice(0, RISKS_MAX);
}

/** The category's questions that nothing the customer has told answers. */
function missingOf(category: Category, told: string): MissingInformation[] {
  const words = wordsOf(told);
  const kinds = new Set<string>();
  if (category.asks.some((ask) => ask.foundBy.identifiers.length > 0))
    // The desk's files write `error_code` where the reader of texts writes `error-code`.
    for (const { kind } of identifiersIn(told.slice(0, IDENTIFIER_CHARACTERS_MAX)))
      kinds.add(kind.replaceAll("-", "_"));
  return category.asks
    .filter(({ foundBy }) => !foundBy.identifiers.some((kind) => kinds.has(kind)) && !mentions(words, foundBy.phrases))
    .map(({ id, question }) => ({ id, question }))
    .slice(0, QUESTIONS_MAX);
}

/** The enquiry's language; the desk's where the text is too short to tell. */
export function languageOf({ deskLanguage, text }: TriageInput): string {
  const { language } = detectLanguage(text.slice(0, LANGUAGE_CHARACTERS_MAX));
  return language === "und" ? deskLanguage : language;
}

/** The risks and the urgency that the desk's signals find, and its own priority of a category. */
export function writtenRules(
  { categories, priority, signals, subject, written }: TriageInput,
  categoryId: string | null,
): Pick<TriageOutput, "priority" | "risks"> {
  const words = wordsOf(`${subject}\n${written}`);
  const found = signals.filter((signal) => mentions(words, signal.phrases));
  const category = categories.find(({ id }) => id === categoryId);
  const urgencies = [category?.priority ?? priority, ...found.flatMap((signal) => signal.priority ?? [])];
  return { priority: urgencies.reduce(moreUrgent), risks: risksOf(found) };
}

/**
 * Triage by what the desk has written down: the router only chooses the category. `routed` is undefined where
 * nothing was learned yet; risks, priority, summary and language are told all the same.
 */
export function triageByRules(input: TriageInput, routed: Routed | undefined): TriageOutput {
  const { categories, subject, text } = input;
  const language = languageOf(input);
  // A label that the desk no longer has is answered as it is: it must be refused, not translated into another.
  const category = routed?.inScope === true ? categories.find(({ id }) => id === routed.label) : undefined;
  const known = new Set(categories.map(({ id }) => id));
  return {
    ...verdictOf(routed),
    confidence: routed?.confidence ?? 0,
    ranking: (routed?.ranking ?? [])
      .filter(({ label }) => known.has(label))
      .map(({ label, confidence }) => ({ categoryId: label, confidence })),
    ...writtenRules(input, category?.id ?? null),
    summary: summarise(text, subject, language),
    missingInformation: category === undefined ? [] : missingOf(category, `${subject}\n${input.told}`),
    language,
  };
}

function verdictOf(routed: Routed | undefined): Pick<TriageOutput, "outcome" | "reason" | "categoryId" | "outOfScope"> {
  if (routed === undefined)
    return { outcome: "abstained", reason: "router_untrained", categoryId: null, outOfScope: false };
  if (!routed.inScope) return { outcome: "abstained", reason: "out_of_scope", categoryId: null, outOfScope: true };
  return { outcome: "triaged", categoryId: routed.label, outOfScope: false };
}
