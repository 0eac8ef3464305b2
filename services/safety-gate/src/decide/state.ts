import type { AiDraftReviewed } from "@opsdesk/schemas/ai-draft-reviewed";
import type { Actor, Sentence } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import type { AuditHead, AuditRow } from "./audit-chain.ts";

/** Parts of what decisions are made of, as the store holds them. Maps are keyed by `keyOf`. */
export const keyOf = (...parts: readonly (string | number)[]): string => parts.join(" ");

export type Desks = ReadonlyMap<string, { readonly desk: Desk }>;

export interface TicketKnown {
  readonly conversationVersion: number;
  readonly closed: boolean;
}

export type DispositionState = "not_run" | "failed" | "abstained" | "gated" | "applied" | "refused" | "retired";
type ReviewStatus = "pending" | "approved_waiting" | "decided" | "retired";

export interface Draft {
  readonly text: string;
  readonly sentences: Sentence[];
  readonly templateId: string | null;
}

/** A person's decision as it was taken: kept while the undo window runs, and afterwards as the record of it. */
export interface ReviewOutcome {
  readonly decisionId: string;
  readonly decision: AiDraftReviewed["decision"];
  readonly actor: Actor;
  readonly via: AiDraftReviewed["via"];
  readonly text: string | null;
  readonly sentences: Sentence[];
  readonly edit: EditKept | null;
  readonly note: string | null;
  readonly openedAt: string | null;
  readonly decidedAt: string;
  readonly openedEvidence: string[];
}

/** An edit as draft, final text and the difference by sentence. */
export interface EditKept {
  readonly draft: string;
  readonly final: string;
  readonly kept: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface ReviewState {
  readonly tenant: string;
  readonly reviewId: string;
  readonly draftId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly categoryId: string | null;
  readonly ownerId: string;
  readonly status: ReviewStatus;
  /** Rises with every change: two writers cannot both change one version. */
  readonly version: number;
  readonly fingerprint: string;
  readonly draft: Draft | null;
  readonly linkUsed: boolean;
  readonly outcome: ReviewOutcome | null;
}

/** A disposition leaves `gated` once; every later wish finds it gone. */
export interface DispositionMove {
  readonly tenant: string;
  readonly draftId: string;
  readonly to: "applied" | "refused" | "retired";
  readonly reason: string;
}

export type Heads = ReadonlyMap<string, AuditHead>;

export const withHead = (heads: Heads, row: AuditRow | undefined): Heads =>
  row === undefined ? heads : new Map(heads).set(row.tenant, { sequence: row.sequence, hash: row.hash });
