import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { GateInputs, SourceKnown } from "./gate-inputs.ts";
import type { ProposalRows } from "./propose.ts";
import { type Desks, type Heads, type TicketKnown, keyOf, withHead } from "./state.ts";

/** What the gate must know besides the proposal. */
export interface ProposalState {
  readonly desks: Desks;
  /** Categories whose automatic replies are stopped, by tenant; `""` stands for the whole desk. */
  readonly stopped: ReadonlyMap<string, readonly string[]>;
  /** By tenant and ticket. */
  readonly tickets: ReadonlyMap<string, TicketKnown>;
  /** Draft that has the disposition, by tenant, ticket and conversation version. */
  readonly gated: ReadonlyMap<string, string>;
  /** What each draft that has a review was written for, by tenant and draft. */
  readonly reviewed: ReadonlyMap<string, { readonly ticketId: string; readonly conversationVersion: number }>;
  /** By tenant and source. */
  readonly sources: ReadonlyMap<string, SourceKnown>;
  /** Times of automatic approvals in milliseconds since the epoch, by tenant, and by tenant and customer. */
  readonly approvals: ReadonlyMap<string, readonly number[]>;
  readonly heads: Heads;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Evaluation runs here. Nothing leaves a shadow, so there is nothing to cap, and its runs stay repeatable. */
const SHADOW_SUFFIX = "~eval";

/** The proposal and what is known around it, as the gate takes it. */
export function gateInputs(
  event: Envelope<AiDraftProposed>,
  desk: Desk,
  state: ProposalState,
  now: string,
): GateInputs {
  const { tenantid: tenant, data } = event;
  const { policy } = desk;
  const template = desk.templates.find(({ id }) => id === data.templateId) ?? null;
  const stopped = state.stopped.get(tenant) ?? [];
  const ticket = state.tickets.get(keyOf(tenant, data.ticketId));
  const since = (key: string, ms: number, cap: number): number =>
    tenant.endsWith(SHADOW_SUFFIX)
      ? 0
      : Math.min(cap, (state.approvals.get(key) ?? []).filter((at) => at > Date.parse(now) - ms).length);
  return {
    proposal: {
      ticketId: data.ticketId,
      conversationVersion: data.conversationVersion,
      draftId: data.draftId,
      outcome: data.outcome,
      reason: data.reason ?? null,
      automatic: data.automatic,
      templateId: data.templateId,
      templateVersion: data.templateVersion,
      sentences: data.sentences,
      slots: data.slots,
      categoryId: data.categoryId,
      outOfScope: data.outOfScope,
      missingInformation: data.missingInformation,
      risks: data.risks,
      language: data.language,
    },
    evidence: data.evidence,
    template,
    desk: {
      ownWords: [desk.business.name, desk.business.signature],
      locales: [...new Set(desk.templates.map(({ locale }) => locale))].toSorted(),
    },
    policy,
    switches: { deskOff: stopped.includes(""), categoriesOff: stopped.filter((id) => id !== "").toSorted() },
    ticket: {
      // The proposal is news of it too, and may come before the message that it answers.
      conversationVersion: Math.max(ticket?.conversationVersion ?? 0, data.conversationVersion),
      closed: ticket?.closed ?? false,
    },
    sources: sourcesOf(data, template?.grounds ?? []).map(
      (sourceId) => state.sources.get(keyOf(tenant, sourceId)) ?? { sourceId, version: null, retired: false },
    ),
    counters: {
      customerDay: since(keyOf(tenant, data.customer.id), DAY_MS, policy.autoSend.capPerCustomerPerDay),
      hour: since(tenant, HOUR_MS, policy.autoSend.capPerHour),
    },
  };
}

/** The sources that a proposal may rest on. */
export const sourcesOf = (data: AiDraftProposed, grounds: readonly string[]): readonly string[] =>
  [...new Set([...data.evidence.map(({ citation }) => citation.sourceId), ...grounds])].toSorted();

/** What the next proposal of a batch sees. */
export function afterProposal(state: ProposalState, { review, disposition, audit }: ProposalRows): ProposalState {
  const { tenant } = review;
  const reviewed = new Map(state.reviewed).set(keyOf(tenant, review.draftId), review);
  if (disposition === undefined) return { ...state, reviewed };
  const at = Date.parse(disposition.decidedAt);
  const approvals = new Map(state.approvals);
  if (disposition.verdict === "auto_send") {
    for (const key of [tenant, keyOf(tenant, disposition.customerId)])
      approvals.set(key, [...(approvals.get(key) ?? []), at]);
  }
  const ticketKey = keyOf(tenant, review.ticketId);
  const ticket = state.tickets.get(ticketKey);
  return {
    ...state,
    approvals,
    reviewed,
    gated: new Map(state.gated).set(keyOf(tenant, review.ticketId, review.conversationVersion), review.draftId),
    tickets: new Map(state.tickets).set(ticketKey, {
      conversationVersion: Math.max(ticket?.conversationVersion ?? 0, review.conversationVersion),
      closed: ticket?.closed ?? false,
    }),
    heads: withHead(state.heads, audit),
  };
}
