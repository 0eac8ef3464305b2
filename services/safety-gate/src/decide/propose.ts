import { contentHash, prefixedId } from "@opsdesk/identity";
import { type Outcome, defer, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type AuditRow, NO_ROWS, auditRow } from "./audit-chain.ts";
import { unknownCitations } from "./check-citations.ts";
import { REPLY_LENGTH_MAX, draftText } from "./draft-text.ts";
import type { GateDecision } from "./gate.ts";
import type { GateInputs } from "./gate-inputs.ts";
import type { DecisionLinks } from "./links.ts";
import { type ProposalState, gateInputs } from "./proposal-state.ts";
import { type StoredDecision, decideAndKeep } from "./replay.ts";
import { gateEvent } from "./gate-event.ts";
import { type DispositionState, type Draft, type ReviewState, keyOf } from "./state.ts";

interface DispositionRow extends StoredDecision {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly reference: string;
  readonly customerId: string;
  readonly draftId: string;
  readonly reviewId: string;
  readonly state: DispositionState | AiDraftProposed["outcome"];
  readonly verdict: GateDecision["verdict"];
  readonly rules: readonly string[];
  readonly policyHash: string;
  readonly decidedAt: string;
}

export interface NewReview extends ReviewState {
  readonly ownerName: string;
  readonly dueBy: string;
  readonly linkExpiresAt: string;
  readonly createdAt: string;
}

export interface ProposalRows {
  readonly review: NewReview;
  readonly disposition?: DispositionRow;
  readonly audit?: AuditRow;
}

/** How long a citation may be ahead of the news of its source before it counts as unknown. */
const SOURCE_NEWS_MS = 15_000;
const HOUR_MS = 3_600_000;

/**
 * The gate's answer to a proposal: one disposition and one review, and the event that says which way it goes.
 * A conversation version has one disposition: a second draft for it is kept as retired and goes nowhere.
 */
export function decideProposal(
  event: Envelope<AiDraftProposed>,
  state: ProposalState,
  { now, links, publicUrl }: { readonly now: string; readonly links: DecisionLinks; readonly publicUrl: string },
): Outcome<ProposalRows> {
  const { tenantid: tenant, data } = event;
  const desk = state.desks.get(tenant)?.desk;
  if (desk === undefined)
    return defer("desk_not_configured", { until: `desk:${tenant}`, retryAfterSeconds: 5, giveUpAfterSeconds: 600 });
  const reviewed = state.reviewed.get(keyOf(tenant, data.draftId));
  if (reviewed !== undefined)
    return reviewed.ticketId === data.ticketId && reviewed.conversationVersion === data.conversationVersion
      ? ignore("already_gated")
      : reject(
          "draft_reused",
          `draft ${data.draftId} was proposed before, for ${reviewed.ticketId}; each needs an id of its own`,
        );
  const gatedDraft = state.gated.get(keyOf(tenant, data.ticketId, data.conversationVersion));
  const inputs = gateInputs(event, desk, state, now);
  const { decision, kept } = decideAndKeep(inputs);
  const awaited = awaitedSource(inputs, decision);
  if (awaited !== undefined && gatedDraft === undefined && Date.parse(now) - Date.parse(event.time) < SOURCE_NEWS_MS)
    return defer("source_not_known", {
      until: `source:${tenant}:${awaited}`,
      retryAfterSeconds: 3,
      giveUpAfterSeconds: 300,
    });
  const review = newReview(event, desk, inputs, decision, now);
  const wakes = [`draft:${tenant}:${data.draftId}`, `review:${tenant}:${review.reviewId}`];
  if (gatedDraft !== undefined) return done({ rows: { review: { ...review, status: "retired" } }, wakes });
  const rules = decision.reasons.map(({ rule }) => rule);
  const audit = auditRow(tenant, state.heads.get(tenant) ?? NO_ROWS, {
    action: "gate_decided",
    object: data.draftId,
    ticketId: data.ticketId,
    actor: { kind: "service", id: "safety-gate" },
    at: now,
    detail: {
      conversationVersion: data.conversationVersion,
      verdict: decision.verdict,
      rules,
      fingerprint: review.fingerprint,
      gateVersion: decision.gateVersion,
      policyHash: decision.policyHash,
      inputsHash: kept.inputsHash,
      decisionHash: kept.decisionHash,
    },
  });
  const disposition: DispositionRow = {
    ...kept,
    tenant,
    ticketId: data.ticketId,
    conversationVersion: data.conversationVersion,
    reference: data.reference,
    customerId: data.customer.id,
    draftId: data.draftId,
    reviewId: review.reviewId,
    state: data.outcome === "proposed" ? "gated" : data.outcome,
    verdict: decision.verdict,
    rules,
    policyHash: decision.policyHash,
    decidedAt: now,
  };
  return done({
    rows: { review, disposition, audit },
    events: [gateEvent({ data, desk, review, decision, decisionHash: kept.decisionHash, links, publicUrl })],
    wakes,
  });
}

/** The source to wait for, when its late news is all that keeps the draft from going out. */
function awaitedSource(inputs: GateInputs, decision: GateDecision): string | undefined {
  if (decision.reasons.some(({ rule }) => rule !== "citation_unknown")) return undefined;
  const unknown = unknownCitations(inputs);
  return unknown.every(({ awaited }) => awaited !== undefined) ? unknown[0]?.awaited : undefined;
}

function newReview(
  event: Envelope<AiDraftProposed>,
  desk: Desk,
  inputs: GateInputs,
  decision: GateDecision,
  now: string,
): NewReview {
  const { tenantid: tenant, data } = event;
  const draft = draftOf(inputs, decision);
  const ownerId = desk.categories.find(({ id }) => id === data.categoryId)?.ownerId;
  const owner = desk.people.find(({ id }) => id === ownerId) ??
    desk.people.find(({ id }) => id === desk.leadId) ?? { id: desk.leadId, name: desk.leadId };
  return {
    tenant,
    reviewId: prefixedId("rev", data.draftId),
    draftId: data.draftId,
    ticketId: data.ticketId,
    reference: data.reference,
    aggregateVersion: data.aggregateVersion,
    conversationVersion: data.conversationVersion,
    categoryId: data.categoryId,
    ownerId: owner.id,
    ownerName: owner.name,
    dueBy: new Date(Date.parse(event.time) + minutesFor(desk, data.priority) * 60_000).toISOString(),
    linkExpiresAt: new Date(Date.parse(now) + desk.policy.linkHours * HOUR_MS).toISOString(),
    createdAt: now,
    status: decision.verdict === "auto_send" ? "decided" : "pending",
    version: 1,
    fingerprint: contentHash({
      text: draft?.text ?? null,
      evidence: data.evidence,
      conversationVersion: data.conversationVersion,
    }),
    draft,
    linkUsed: false,
    outcome: null,
  };
}

const minutesFor = (desk: Desk, priority: string): number =>
  new Map(Object.entries(desk.responseTargets)).get(priority) ?? desk.responseTargets.normal;

function draftOf({ proposal, template }: GateInputs, decision: GateDecision): Draft | null {
  if (decision.verdict === "block" || proposal.sentences.length === 0) return null;
  const text = draftText(proposal.sentences, template, proposal.slots);
  return text.length > REPLY_LENGTH_MAX
    ? null
    : { text, sentences: [...proposal.sentences], templateId: proposal.templateId };
}
