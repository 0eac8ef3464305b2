import { contentHash } from "@opsdesk/identity";
import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftDecisionRefused } from "@opsdesk/schemas/ai-draft-decision-refused";
import type { Actor } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type AuditRow, NO_ROWS, auditRow } from "./audit-chain.ts";
import { editOf, editedSentences } from "./edit.ts";
import type { DecisionLinks } from "./links.ts";
import { reviewedEvent } from "./release.ts";
import { deciding } from "./rights.ts";
import {
  type Desks,
  type DispositionMove,
  type Heads,
  type ReviewOutcome,
  type ReviewState,
  type TicketKnown,
  keyOf,
  withHead,
} from "./state.ts";

export interface DecisionState {
  readonly desks: Desks;
  /** By tenant and review id. */
  readonly reviews: ReadonlyMap<string, ReviewState>;
  /** Content hash of each decision taken before, by tenant and decision id. */
  readonly taken: ReadonlyMap<string, string>;
  /** By tenant and ticket. */
  readonly tickets: ReadonlyMap<string, TicketKnown>;
  readonly heads: Heads;
}

/** A decision as it came, and what became of it: its id is good for one. */
interface DecisionRow {
  readonly tenant: string;
  readonly decisionId: string;
  readonly reviewId: string;
  readonly ticketId: string;
  readonly decision: string;
  readonly actorId: string;
  readonly via: string;
  /** Null when it was accepted. */
  readonly refusal: string | null;
  readonly contentHash: string;
  readonly recordedAt: string;
}

export interface DecisionRows {
  readonly decision: DecisionRow;
  readonly audit: AuditRow;
  readonly review?: ReviewState;
  readonly disposition?: DispositionMove;
}

type Refusal = AiDraftDecisionRefused["code"];
type Refused = { readonly code: Refusal; readonly message: string };

/** A review is written before anyone is told of it: one that is unknown can only be late by a replica's lag. */
const UNKNOWN_MS = 5_000;

/**
 * A person's decision: taken, refused with a code, or a repetition of one that was answered before.
 * Of two decisions about one review the first wins; the store's version guard makes that true between writers too.
 */
export function decideDecision(
  event: Envelope<DraftDecisionSubmitted>,
  state: DecisionState,
  { now, links }: { readonly now: string; readonly links: DecisionLinks },
): Outcome<DecisionRows> {
  const { tenantid: tenant, data } = event;
  const desk = state.desks.get(tenant)?.desk;
  if (desk === undefined)
    return defer("desk_not_configured", { until: `desk:${tenant}`, retryAfterSeconds: 5, giveUpAfterSeconds: 600 });
  const hash = contentHash(data);
  const taken = state.taken.get(keyOf(tenant, data.decisionId));
  if (taken === hash) return ignore("decision_repeated");
  const review = state.reviews.get(keyOf(tenant, data.reviewId));
  if (
    (review === undefined || review.ticketId !== data.ticketId) &&
    Date.parse(now) - Date.parse(event.time) < UNKNOWN_MS
  )
    return defer("review_not_known", {
      until: `review:${tenant}:${data.reviewId}`,
      retryAfterSeconds: 2,
      giveUpAfterSeconds: 300,
    });
  const answer = judged(data, desk, review, state.tickets.get(keyOf(tenant, data.ticketId)), { now, links });
  const refused =
    taken !== undefined
      ? { code: "already_decided" as const, message: "This decision id was used for another decision." }
      : "code" in answer
        ? answer
        : undefined;
  const actor = "actor" in answer ? answer.actor : data.actor;
  const audit = auditRow(tenant, state.heads.get(tenant) ?? NO_ROWS, {
    action: refused === undefined ? "draft_decided" : "decision_refused",
    object: data.reviewId,
    ticketId: data.ticketId,
    actor: { kind: actor.kind, id: actor.id },
    at: now,
    detail: {
      decisionId: data.decisionId,
      decision: data.decision,
      via: data.via,
      fingerprint: data.fingerprint,
      decidedAt: data.decidedAt,
      openedAt: data.openedAt ?? null,
      openedEvidence: data.openedEvidence,
      textHash: data.text === undefined ? null : contentHash(data.text),
      refusal: refused?.code ?? null,
    },
  });
  const decision: DecisionRow = {
    tenant,
    decisionId: data.decisionId,
    reviewId: data.reviewId,
    ticketId: data.ticketId,
    decision: data.decision,
    actorId: actor.id,
    via: data.via,
    refusal: refused?.code ?? null,
    contentHash: taken ?? hash,
    recordedAt: now,
  };
  if (refused !== undefined) {
    const told: AiDraftDecisionRefused = {
      ticketId: data.ticketId,
      reviewId: data.reviewId,
      decisionId: data.decisionId,
      decision: data.decision,
      actor,
      ...refused,
    };
    return done({
      rows: { decision, audit },
      events: [{ type: "ai.draft.decision_refused", key: data.ticketId, data: told }],
    });
  }
  return effects(answer as Accepted, desk, { decision, audit });
}

interface Accepted {
  readonly actor: Actor;
  readonly review: ReviewState;
  /** Null: an undo. */
  readonly outcome: ReviewOutcome | null;
  readonly linkUsed: boolean;
}

function judged(
  data: DraftDecisionSubmitted,
  desk: Desk,
  review: ReviewState | undefined,
  ticket: TicketKnown | undefined,
  { now, links }: { readonly now: string; readonly links: DecisionLinks },
): Accepted | Refused {
  if (review === undefined || review.ticketId !== data.ticketId)
    return { code: "review_unknown", message: "There is no such review on this ticket." };
  const byLink = data.via === "decision_link";
  if (byLink && !links.admits(review.reviewId, data.proof ?? "", now))
    return { code: "not_allowed", message: "The decision link is not valid, or has expired." };
  // Whoever holds the link acts for the review's owner, and with the owner's rights.
  const allowed = deciding(desk, byLink ? { kind: "person", id: review.ownerId } : data.actor, data.decision);
  if ("refused" in allowed) return { code: "not_allowed", message: allowed.refused };
  const accepted = { actor: allowed.person, review, linkUsed: byLink || review.linkUsed };
  if (data.decision === "undo") {
    if (review.status !== "approved_waiting")
      return { code: "nothing_to_undo", message: "No approval of this draft is waiting to go out." };
    return byLink
      ? { code: "not_allowed", message: "A decision link is good for one decision." }
      : { ...accepted, outcome: null };
  }
  if (review.status === "retired") return { code: "draft_retired", message: "The draft no longer stands." };
  if (review.status !== "pending")
    return { code: "already_decided", message: "Somebody has already decided about this draft." };
  if (byLink && review.linkUsed) return { code: "not_allowed", message: "The decision link has been used." };
  if (data.fingerprint !== review.fingerprint)
    return { code: "fingerprint_changed", message: "The draft is not the one that was read." };
  const releases = data.decision === "approve" || data.decision === "edit";
  if (releases && ticket !== undefined && ticket.conversationVersion > review.conversationVersion)
    return { code: "draft_retired", message: "The conversation has moved on since the draft was made." };
  if (releases && review.draft === null)
    return { code: "nothing_to_send", message: "There is no draft; answer the ticket with a reply of your own." };
  if (data.decision === "edit" && (data.text ?? "").trim() === "")
    return { code: "text_missing", message: "An edit needs the whole reply as its text." };
  return { ...accepted, outcome: outcomeOf(data, allowed.person, review) };
}

const DECIDED = { approve: "approved", edit: "edited", reject: "rejected", take_over: "taken_over" } as const;

function outcomeOf(data: DraftDecisionSubmitted, actor: Actor, { draft }: ReviewState): ReviewOutcome {
  const edited = data.decision === "edit" && draft !== null ? { text: data.text ?? "", draft } : undefined;
  const approved = data.decision === "approve" && draft !== null ? draft : undefined;
  return {
    decisionId: data.decisionId,
    decision: DECIDED[data.decision as keyof typeof DECIDED],
    actor,
    via: data.via,
    text: edited?.text ?? approved?.text ?? null,
    sentences: edited === undefined ? (approved?.sentences ?? []) : editedSentences(edited.draft, edited.text),
    edit: edited === undefined ? null : editOf(edited.draft, edited.text),
    note: data.note ?? null,
    openedAt: data.openedAt ?? null,
    decidedAt: data.decidedAt,
    openedEvidence: data.openedEvidence,
  };
}

function effects(
  { review, outcome, linkUsed }: Accepted,
  desk: Desk,
  recorded: Pick<DecisionRows, "decision" | "audit">,
): Outcome<DecisionRows> {
  const changed = { ...review, version: review.version + 1, linkUsed, outcome };
  if (outcome === null) return done({ rows: { ...recorded, review: { ...changed, status: "pending" } } });
  const { undoSeconds } = desk.policy;
  if (outcome.text !== null && undoSeconds > 0)
    return done({
      rows: { ...recorded, review: { ...changed, status: "approved_waiting" } },
      jobs: [
        {
          queue: "draft.release",
          key: review.ticketId,
          data: { reviewId: review.reviewId, decisionId: outcome.decisionId },
          startAfterSeconds: undoSeconds,
        },
      ],
    });
  const refuses = outcome.text === null;
  return done({
    rows: {
      ...recorded,
      review: { ...changed, status: "decided" },
      ...(refuses
        ? { disposition: { tenant: review.tenant, draftId: review.draftId, to: "refused", reason: outcome.decision } }
        : {}),
    },
    events: [reviewedEvent(review, outcome)],
  });
}

/** What the next decision of a batch sees. */
export function afterDecision(state: DecisionState, { decision, review, audit }: DecisionRows): DecisionState {
  return {
    ...state,
    taken: new Map(state.taken).set(keyOf(decision.tenant, decision.decisionId), decision.contentHash),
    reviews:
      review === undefined ? state.reviews : new Map(state.reviews).set(keyOf(review.tenant, review.reviewId), review),
    heads: withHead(state.heads, audit),
  };
}
