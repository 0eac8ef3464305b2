import type { Slot } from "@opsdesk/schemas/common";
import { factsIn } from "./addresses.ts";
import { fixedText, squashed } from "./draft-text.ts";
import type { GateInputs } from "./gate-inputs.ts";
import { occursIn } from "./occurs-in.ts";

const TRUSTED: ReadonlySet<Slot["provenance"]> = new Set(["system", "knowledge", "verified"]);
/** What could send a customer, or money, somewhere. */
const CONSEQUENTIAL: ReadonlySet<string> = new Set(["url", "email", "amount", "phone"]);
/** A name; anything longer is prose that somebody wrote into a name field. */
const SYSTEM_VALUE_MAX = 80;

/**
 * Why a slot's value may not be sent unread, or undefined. A declared provenance is believed only as far as it can
 * be checked: knowledge must occur in the evidence, and a value "of the system" may not bring in a link, an
 * address, an amount or a telephone number, since a customer's own name is such a value.
 */
export function untrustedSlot({ proposal, template, evidence, desk }: GateInputs): string | undefined {
  const approved = [
    ...(template === null ? [] : [fixedText(template)]),
    ...desk.ownWords,
    ...evidence.map(({ text }) => text),
  ];
  for (const slot of proposal.slots) {
    const name = `"${slot.name}"`;
    if (!TRUSTED.has(slot.provenance))
      return `The value of ${name} comes from the ${slot.provenance}, so a person must see it.`;
    const declared = template?.slots.find((other) => other.name === slot.name);
    if (template !== null && declared === undefined) return `The template has no slot ${name}.`;
    if (declared !== undefined && declared.provenance !== slot.provenance)
      return `${name} must be ${declared.provenance}, and the proposal says ${slot.provenance}.`;
    if (slot.provenance === "knowledge" && !evidence.some(({ text }) => squashed(text).includes(squashed(slot.value))))
      return `The value of ${name} is not in the evidence that it claims to quote.`;
    if (slot.provenance === "system") {
      if (slot.value.length > SYSTEM_VALUE_MAX || /[\r\n]/.test(slot.value))
        return `The value of ${name} is not a plain name or number.`;
      const brought = factsIn(slot.value).find(
        ({ kind, value }) => CONSEQUENTIAL.has(kind) && !occursIn(value, approved),
      );
      if (brought !== undefined) return `The value of ${name} brings in ${brought.kind} "${brought.value}".`;
    }
  }
  const missing = template?.slots.find(
    (slot) => slot.required && !proposal.slots.some(({ name, value }) => name === slot.name && value.trim() !== ""),
  );
  return missing === undefined ? undefined : `The required slot "${missing.name}" is empty.`;
}
