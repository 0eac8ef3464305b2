export type Disposition = "proposed" | "not_run" | "failed" | "abstained" | "gated" | "applied" | "refused" | "retired";

/** A draft as its row has it, as far as its disposition needs. */
export interface DraftLife {
  readonly outcome: string | null;
  readonly reviewId: string | null;
  readonly autoApprovedAt: Date | string | null;
  readonly decision: string | null;
  readonly appliedAt: Date | string | null;
  readonly retiredReason: string | null;
}

const ENDED = ["not_run", "failed", "abstained"] as const;
const REFUSING: readonly (string | null)[] = ["rejected", "taken_over"];

/**
 * What became of a draft. The end counts, not the last thing heard: a reply that went out stays applied, and a draft
 * that could not be released was refused. A conversation version without a draft keeps the reason why.
 */
export function dispositionOf(draft: DraftLife): Disposition | null {
  if (draft.appliedAt !== null) return "applied";
  const ended = ENDED.find((outcome) => outcome === draft.outcome);
  if (ended !== undefined) return ended;
  if (draft.retiredReason === "apply_refused" || REFUSING.includes(draft.decision)) return "refused";
  if (draft.retiredReason !== null) return "retired";
  if (draft.reviewId !== null || draft.autoApprovedAt !== null) return "gated";
  return draft.outcome === "proposed" ? "proposed" : null;
}
