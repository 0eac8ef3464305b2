import type { TriageInput, TriageOutput } from "./model.ts";
import { RISKS_MAX, moreUrgent, writtenRules } from "./triage-by-rules.ts";

/**
 * What the desk has written down stands, whatever a model says: it may find a further risk or more urgency, never
 * take any away. Nothing that a customer writes can therefore talk a risk out of a model.
 */
export function keepWrittenRules(said: TriageOutput, input: TriageInput): TriageOutput {
  const { priority, risks } = writtenRules(input, said.categoryId);
  const known = new Set(risks.map(({ id }) => id));
  return {
    ...said,
    priority: moreUrgent(priority, said.priority),
    risks: [...risks, ...said.risks.filter(({ id }) => !known.has(id))].slice(0, RISKS_MAX),
  };
}
