import { canonicalJson, contentHash, sha256Hex } from "@opsdesk/identity";
import type { Reason } from "@opsdesk/schemas/common";
import { inexactQuote, supporting, unknownCitations } from "./check-citations.ts";
import { untrustedSlot } from "./check-slots.ts";
import { type Groundedness, groundedness, unsupportedIdentifier } from "./check-support.ts";
import { unapprovedTemplate } from "./check-template.ts";
import type { GateInputs } from "./gate-inputs.ts";
import { AUTO_RULE, REVIEW_RULES, type ReviewRule, reason } from "./rules.ts";

/** Raised with every change that can alter a decision; released versions keep their fixtures. */
export const GATE_VERSION = "gate-1";

export interface GateDecision {
  readonly gateVersion: string;
  /** `block`: there is nothing that could be sent; `review`: a person decides; `auto_send`: nothing needs one. */
  readonly verdict: "auto_send" | "review" | "block";
  readonly reasons: readonly Reason[];
  /** See `groundedness`; null without a draft. */
  readonly groundedness: number | null;
  readonly policyHash: string;
  readonly inputsHash: string;
}

type Fired = string | undefined | readonly Reason[];

/** A rule answers the words that say why it fired, or undefined. */
const CHECKS: Readonly<Record<ReviewRule, (inputs: GateInputs, measured: Groundedness) => Fired>> = {
  outcome_not_proposed: ({ proposal: { outcome, reason: why } }) =>
    outcome === "proposed"
      ? undefined
      : `There is no draft: ${OUTCOMES.get(outcome) ?? outcome}${why === null ? "" : ` (${why})`}.`,
  auto_send_off: ({ policy, switches }) => {
    if (switches.deskOff) return "An administrator has stopped automatic replies.";
    return policy.autoSend.enabled ? undefined : "The desk sends nothing by itself.";
  },
  category_not_licensed: ({ proposal: { categoryId }, policy, switches }) => {
    if (categoryId === null) return "The enquiry has no category.";
    if (switches.categoriesOff.includes(categoryId))
      return `An administrator has stopped automatic replies about "${categoryId}".`;
    return policy.autoSend.categories.includes(categoryId)
      ? undefined
      : `Replies about "${categoryId}" are never sent automatically.`;
  },
  risk: ({ proposal, policy }) =>
    [...new Map(proposal.risks.map((risk) => [risk.id, risk])).values()]
      .filter(({ id }) => policy.vetoRisks.includes(id))
      .map(({ id, detail }) => reason(`risk:${id}`, detail)),
  slot_provenance: untrustedSlot,
  template_unapproved: unapprovedTemplate,
  quote_not_verbatim: inexactQuote,
  citation_unknown: (inputs) => unknownCitations(inputs)[0]?.words,
  unsupported_identifier: unsupportedIdentifier,
  ungrounded: ({ policy }, { share, uncited }) => {
    if (uncited !== undefined) return `"${uncited}" cites nothing.`;
    return share < policy.groundednessMin
      ? `Only ${percent(share)} of what the draft says is in what it cites; ${percent(policy.groundednessMin)} is asked for.`
      : undefined;
  },
  evidence_weak: (inputs) => {
    const { evidence, policy, template } = inputs;
    if (evidence.length < policy.evidenceMin)
      return `${evidence.length} pieces of evidence were found; ${policy.evidenceMin} are asked for.`;
    // Approved sentences answer this enquiry only if the search for it led to what they rest on.
    const grounds = template?.grounds ?? [];
    return grounds.length > 0 && !supporting(inputs).some(({ citation }) => grounds.includes(citation.sourceId))
      ? "Nothing that the template rests on was found for this enquiry."
      : undefined;
  },
  out_of_scope: ({ proposal }) =>
    proposal.outOfScope ? "The enquiry is unlike anything that the desk answers." : undefined,
  stale_version: ({ proposal, ticket }) => {
    if (ticket.conversationVersion > proposal.conversationVersion)
      return "The conversation has moved on since the draft was made.";
    return ticket.closed ? "The ticket has been closed." : undefined;
  },
  automatic_mail: ({ proposal }) => (proposal.automatic ? "The message was sent by a machine." : undefined),
  language_unsupported: ({ proposal: { language }, template, desk }) => {
    const supported = template === null ? desk.locales : [template.locale];
    if (supported.includes(language)) return undefined;
    return language === "und"
      ? "The language of the message cannot be told."
      : `The reply would not be in the customer's language (${language}).`;
  },
  missing_information: ({ proposal: { missingInformation } }) =>
    missingInformation.length === 0
      ? undefined
      : `Not known yet: ${missingInformation.map(({ question }) => question).join(" ")}`,
  cap_customer: ({ counters, policy }) =>
    counters.customerDay < policy.autoSend.capPerCustomerPerDay
      ? undefined
      : "This customer has had today's share of automatic replies.",
  cap_hour: ({ counters, policy }) =>
    counters.hour < policy.autoSend.capPerHour ? undefined : "The desk has had this hour's share of automatic replies.",
};

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ["abstained", "the model abstained"],
  ["failed", "the run failed"],
  ["not_run", "the model was not run"],
]);

/** Rules about a draft say nothing where there is none. */
const ABOUT_DRAFTS: ReadonlySet<ReviewRule> = new Set([
  "slot_provenance",
  "template_unapproved",
  "quote_not_verbatim",
  "citation_unknown",
  "unsupported_identifier",
  "ungrounded",
]);

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/**
 * Whether a proposal may go out unread. Decided by what sending it would mean and by the evidence for it, never by
 * what the model thinks of itself. All rules are asked, so that a reviewer sees every reason at once.
 * `text` is the canonical JSON of the inputs, for a caller that has it already.
 */
export function decideGate(inputs: GateInputs, text = canonicalJson(inputs)): GateDecision {
  const hasDraft = inputs.proposal.outcome === "proposed";
  const measured = groundedness(inputs);
  const fired = REVIEW_RULES.filter((rule) => hasDraft || !ABOUT_DRAFTS.has(rule)).flatMap((rule) => {
    const words = CHECKS[rule](inputs, measured);
    if (words === undefined) return [];
    return typeof words === "string" ? [reason(rule, words)] : [...words];
  });
  const licensed = fired.length === 0;
  return {
    gateVersion: GATE_VERSION,
    verdict: licensed ? "auto_send" : hasDraft ? "review" : "block",
    reasons: licensed
      ? [
          reason(
            AUTO_RULE,
            "An approved answer, supported by evidence, in a category that may be answered automatically.",
          ),
        ]
      : fired,
    groundedness: hasDraft ? measured.share : null,
    policyHash: contentHash({ policy: inputs.policy, switches: inputs.switches }),
    inputsHash: sha256Hex(text),
  };
}
