import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Evidence, MissingInformation, Risk, Sentence, Slot } from "@opsdesk/schemas/common";
import type { GatePolicy, Template } from "@opsdesk/schemas/desk";

/**
 * Everything that a gate decision rests on, and nothing else: it is stored as it was, so that the decision can be
 * computed again. The model's confidence is not among it.
 *
 * Words: *evidence* is what retrieval found; a chunk *supports* a draft when a sentence cites it or when its source
 * is one of the template's *grounds*; a *switch* is an administrator's stop of automatic sending.
 */
export interface GateInputs {
  readonly proposal: GateProposal;
  readonly evidence: readonly Evidence[];
  /** The template of the desk with the proposal's template id; null when there is none. */
  readonly template: Template | null;
  readonly desk: {
    /** Text that the desk itself may put in any reply: its name and signature. */
    readonly ownWords: readonly string[];
    /** Languages that the desk has approved templates in. */
    readonly locales: readonly string[];
  };
  readonly policy: GatePolicy;
  readonly switches: { readonly deskOff: boolean; readonly categoriesOff: readonly string[] };
  readonly ticket: { readonly conversationVersion: number; readonly closed: boolean };
  /** What the gate knows of the sources behind the evidence and the template's grounds, by source id. */
  readonly sources: readonly SourceKnown[];
  /** Automatic approvals before this one, counted up to the cap: they say "at least". */
  readonly counters: { readonly customerDay: number; readonly hour: number };
}

interface GateProposal {
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly draftId: string;
  readonly outcome: AiDraftProposed["outcome"];
  readonly reason: string | null;
  readonly automatic: boolean;
  readonly templateId: string | null;
  readonly templateVersion: string | null;
  readonly sentences: readonly Sentence[];
  readonly slots: readonly Slot[];
  readonly categoryId: string | null;
  readonly outOfScope: boolean;
  readonly missingInformation: readonly MissingInformation[];
  readonly risks: readonly Risk[];
  /** ISO 639-1 of the customer's words, `und` where they do not say. */
  readonly language: string;
}

export interface SourceKnown {
  readonly sourceId: string;
  /** The newest version that the gate has been told of; null when it has heard of none. */
  readonly version: number | null;
  readonly retired: boolean;
}
