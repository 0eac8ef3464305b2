import type { DraftInput, DraftOutput, Quote, TriageInput, TriageOutput } from "./model.ts";
import { sayable } from "./sayable.ts";

/** Why an answer is refused although it has the right shape. Providers do not enforce closed lists. */
export type Refusal =
  | "category_unknown"
  | "category_missing"
  | "risk_unknown"
  | "question_unknown"
  | "template_unknown"
  | "slot_unknown"
  | "quote_unknown"
  | "reason_missing";

/** Holds what a model said of an enquiry against what the desk allows; undefined when all of it is allowed. */
export function refuseTriage(output: TriageOutput, { categories, signals }: TriageInput): Refusal | undefined {
  const known = new Map(categories.map((category) => [category.id, category]));
  if (output.outcome === "abstained" && output.reason === undefined) return "reason_missing";
  if (output.outcome === "triaged" && output.categoryId === null) return "category_missing";
  if (output.categoryId !== null && !known.has(output.categoryId)) return "category_unknown";
  if (output.ranking.some(({ categoryId }) => !known.has(categoryId))) return "category_unknown";
  const risks = new Set(signals.map((signal) => signal.risk));
  if (output.risks.some((risk) => !risks.has(risk.id))) return "risk_unknown";
  const asks = new Set(known.get(output.categoryId ?? "")?.asks.map((ask) => ask.id));
  return output.missingInformation.some((question) => !asks.has(question.id)) ? "question_unknown" : undefined;
}

/** The same for a choice of template and quotes: words that no quotable evidence holds are the model's own. */
export function refuseDraft(output: DraftOutput, { evidence, templates }: DraftInput): Refusal | undefined {
  if (output.outcome === "abstained") return output.reason === undefined ? "reason_missing" : undefined;
  const template = templates.find(({ id }) => id === output.templateId);
  if (template === undefined) return "template_unknown";
  const slots = new Set(template.slots.filter((slot) => slot.provenance === "knowledge").map((slot) => slot.name));
  if (output.quotes.some((quote) => !slots.has(quote.slot))) return "slot_unknown";
  const held = ({ chunkId, quote }: Quote): boolean =>
    sayable(evidence).some((item) => item.citation.chunkId === chunkId && item.text.includes(quote));
  return output.quotes.every(held) ? undefined : "quote_unknown";
}
