import { REPLY_LENGTH_MAX, draftText, rendered, squashed } from "./draft-text.ts";
import type { GateInputs } from "./gate-inputs.ts";

/** Why the draft is not an approved template of this desk filled in, or undefined. */
export function unapprovedTemplate({ proposal, template }: GateInputs): string | undefined {
  if (proposal.templateId === null) return "The draft uses no approved template.";
  if (template === null) return `The desk has no approved template "${proposal.templateId}".`;
  if (template.version !== proposal.templateVersion)
    return `The template "${template.id}" has changed since the draft was made.`;
  if (template.categoryId !== proposal.categoryId) return `The template "${template.id}" belongs to another category.`;
  if (proposal.sentences.length === 0) return "The draft has no sentences.";
  const filled = squashed(rendered(template, proposal.slots));
  let from = 0;
  for (const { text, source } of proposal.sentences) {
    const at = source === "person" ? -1 : filled.indexOf(squashed(text), from);
    // In order as well: approved sentences put in another order can say something else.
    if (at < 0) return `"${squashed(text)}" is not in the approved template.`;
    from = at + squashed(text).length;
  }
  return draftText(proposal.sentences, template, proposal.slots).length > REPLY_LENGTH_MAX
    ? "The draft is longer than a reply may be."
    : undefined;
}
