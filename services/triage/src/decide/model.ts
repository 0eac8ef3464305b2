import type { Evidence, MissingInformation, Priority, Risk } from "@opsdesk/schemas/common";
import type { Category, Desk, Template } from "@opsdesk/schemas/desk";

/** What a model may choose from, and what it reads. Every text in it that a customer wrote is data. */
export interface TriageInput {
  readonly subject: string;
  /** The customer's unanswered words, without quoted replies and signatures. */
  readonly text: string;
  /** The same with all that was cut from it: a risk may hide in a quote or a signature. */
  readonly written: string;
  /** All that the customer has told so far: what is in it need not be asked again. */
  readonly told: string;
  /** Hidden from a model that is not in this process, like everything that a person could be recognised by. */
  readonly customerName: string;
  /** As intake set it: stands where no category is known. */
  readonly priority: Priority;
  readonly categories: readonly Category[];
  readonly signals: Desk["signals"];
  /** The language of the desk, for texts too short to tell. */
  readonly deskLanguage: string;
  /** What was learned from the desk's examples; null before the first training. */
  readonly router: { readonly modelId: string; readonly artefactRef: string } | null;
}

/** What a model says of an enquiry. Action and texts are apart: an abstention has a reason, never a text. */
export interface TriageOutput {
  readonly outcome: "triaged" | "abstained";
  readonly reason?: string;
  readonly categoryId: string | null;
  readonly confidence: number;
  readonly outOfScope: boolean;
  readonly ranking: readonly { readonly categoryId: string; readonly confidence: number }[];
  readonly priority: Priority;
  readonly summary: string;
  readonly missingInformation: readonly MissingInformation[];
  readonly risks: readonly Risk[];
  /** ISO 639-1, or "und". */
  readonly language: string;
}

export interface DraftInput {
  readonly subject: string;
  readonly text: string;
  readonly customerName: string;
  /** The approved templates of the category, in the customer's language. */
  readonly templates: readonly Template[];
  readonly language: string;
  readonly evidence: readonly Evidence[];
}

/** Which template, and which words of the evidence go into its slots. A model writes no text: the desk fills templates. */
export interface DraftOutput {
  readonly outcome: "chosen" | "abstained";
  readonly reason?: string;
  readonly templateId: string | null;
  readonly quotes: readonly Quote[];
}

export interface Quote {
  readonly slot: string;
  readonly chunkId: string;
  readonly quote: string;
}

/** An answer as it came. `output` is untrusted until it has been parsed and held against the closed lists. */
export interface ModelAnswer {
  readonly output: unknown;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly costMicros: number };
  /** Why there is no answer although the model was asked, and is paid for it. */
  readonly refusal?: "model_truncated" | "model_declined" | "output_invalid";
  /** SHA-256 of what left the desk; absent where nothing did. */
  readonly sent?: string;
  /** Where an answer depends on more than the model's own version: what exactly it was computed with. */
  readonly promptVersion?: string;
}

/**
 * The model port. TransientError `model_unavailable` when asking again may help, RejectedError `model_request_refused`,
 * `model_access_denied` or `model_unknown` when it cannot; the signal ends when the job's time is over.
 */
export interface Model {
  readonly name: string;
  readonly promptVersion: string;
  triage(input: TriageInput, signal: AbortSignal): Promise<ModelAnswer>;
  draft(input: DraftInput, signal: AbortSignal): Promise<ModelAnswer>;
}
