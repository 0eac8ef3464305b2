import type { Envelope } from "@opsdesk/schemas/envelope";
import type { DraftDocument } from "./draft-fields.ts";
import { type ByType, type EventOf, saidBy } from "./event-of.ts";
import { type Fold, byTime, isKnown, isoOf, join, secondsBetween, valuesOf } from "./fold.ts";

type DraftFold = Fold<DraftDocument>;

const about = (
  { tenantid, data }: { tenantid: string; data: { ticketId: string; reference: string } },
  draftId: string,
  fold: DraftFold,
): DraftFold => join({ is: { tenant: tenantid, draftId, ticketId: data.ticketId, reference: data.reference } }, fold);

const codesOf = (list: readonly { readonly id: string }[]): readonly string[] => list.map((one) => one.id);

const proposed = (event: EventOf<"ai.draft.proposed">): DraftFold => {
  const { data, id, time } = event;
  const at = byTime(time, id);
  const titles = new Map(data.evidence.map(({ citation }) => [citation.chunkId, citation.sourceId]));
  const cited = data.sentences.flatMap((sentence) => sentence.citations.map((one) => titles.get(one.chunkId) ?? ""));
  return about(event, data.draftId, {
    first: {
      proposedAt: [at, isoOf(time)],
      conversationVersion: [at, data.conversationVersion],
      outcome: [at, data.outcome],
      outcomeReason: [at, data.reason ?? null],
      channel: [at, data.channel],
      categoryId: [at, data.categoryId],
      priority: [at, data.priority],
      templateId: [at, data.templateId],
      model: [at, data.model],
      promptVersion: [at, data.promptVersion],
      confidence: [at, data.confidence],
      outOfScope: [at, data.outOfScope],
      language: [at, data.language],
      sentences: [at, data.sentences.length],
      evidenceCount: [at, data.evidence.length],
      citedSources: [at, [...new Set(cited)].filter((one) => one !== "").toSorted()],
      missingInformation: [at, codesOf(data.missingInformation)],
      risks: [at, codesOf(data.risks)],
      summary: [at, data.summary],
    },
    sum: { costMicros: Object.fromEntries(data.runs.map((run) => [run.runId, run.costMicros])) },
  });
};

const gated = (
  event: EventOf<"ai.draft.review_required"> | EventOf<"ai.draft.auto_approved">,
  verdict: "review" | "auto_send",
): DraftFold => {
  const { data, id, time } = event;
  const at = byTime(time, id);
  return about(event, data.draftId, {
    // What the proposal said too, and says alike: known when the gate's event comes first.
    first: {
      conversationVersion: [at, data.conversationVersion],
      channel: [at, data.channel],
      categoryId: [at, data.categoryId],
      priority: [at, data.priority],
      confidence: [at, data.confidence],
      verdict: [at, verdict],
      rules: [at, [...new Set(data.reasons.map((reason) => reason.rule))].toSorted()],
      gatedAt: [at, isoOf(time)],
      gateVersion: [at, data.gateVersion],
      policyHash: [at, data.policyHash],
      ...("owner" in data ? { ownerId: [at, data.owner.id] as const, dueBy: [at, isoOf(data.dueBy)] as const } : {}),
    },
  });
};

const reviewed = (event: EventOf<"ai.draft.reviewed">): DraftFold => {
  const { data, id } = event;
  const at = byTime(data.decidedAt, id);
  return about(event, data.draftId, {
    last: {
      decision: [at, data.decision],
      decidedAt: [at, isoOf(data.decidedAt)],
      decidedBy: [at, data.actor.id],
      via: [at, data.via],
      reviewOpenedAt: [at, data.openedAt === undefined ? null : isoOf(data.openedAt)],
      decidedCategoryId: [at, data.categoryId],
      sentencesKept: [at, data.edit?.sentencesKept ?? null],
      sentencesAdded: [at, data.edit?.sentencesAdded ?? null],
      sentencesRemoved: [at, data.edit?.sentencesRemoved ?? null],
      evidenceOpened: [at, data.openedEvidence.length],
    },
  });
};

const retired = (event: EventOf<"ai.draft.retired">): DraftFold => {
  const at = byTime(event.time, event.id);
  return about(event, event.data.draftId, {
    first: { retiredAt: [at, isoOf(event.time)], retiredReason: [at, event.data.reason] },
  });
};

const says: ByType<DraftFold | undefined> = {
  "ai.draft.proposed": proposed,
  "ai.draft.review_required": (event) => gated(event, "review"),
  "ai.draft.auto_approved": (event) => gated(event, "auto_send"),
  "ai.draft.reviewed": reviewed,
  "ai.draft.retired": retired,
  "ticket.message_added": (event) =>
    event.data.draftId === undefined
      ? undefined
      : about(event, event.data.draftId, { first: { appliedAt: [byTime(event.time, event.id), isoOf(event.time)] } }),
  "reply.sent": (event) =>
    event.data.draftId === null
      ? undefined
      : about(event, event.data.draftId, {
          first: { sentAt: [byTime(event.data.sentAt, event.id), isoOf(event.data.sentAt)] },
        }),
};

export const draftParts = (event: Envelope): readonly DraftFold[] => {
  const said = saidBy(says, event);
  return said === undefined ? [] : [said];
};

export const draftId = ({ tenant, draftId: id }: DraftDocument): string => `${tenant ?? ""}:${id ?? ""}`;

const OVERRIDING: readonly (string | null | undefined)[] = ["edited", "rejected", "taken_over"];
const REFUSING: readonly (string | null | undefined)[] = ["rejected", "taken_over"];
const ENDED: readonly (string | null | undefined)[] = ["not_run", "failed", "abstained"];

export function draftDocument(fold: DraftFold): DraftDocument {
  const known = valuesOf(fold);
  return {
    ...known,
    disposition: dispositionOf(known),
    waitSeconds: secondsBetween(known.gatedAt, known.decidedAt),
    reviewSeconds: secondsBetween(known.reviewOpenedAt, known.decidedAt),
    overridden: isKnown(known.decision) ? OVERRIDING.includes(known.decision) : null,
    categoryCorrected: isKnown(known.decision)
      ? (known.decidedCategoryId ?? null) !== (known.categoryId ?? null)
      : null,
  };
}

/**
 * The end counts, not the last thing heard: a reply that went out stays applied, and a draft that could not be
 * released was refused. A conversation version without a draft keeps the reason why.
 */
function dispositionOf(draft: DraftDocument): string | null {
  if (isKnown(draft.appliedAt) || isKnown(draft.sentAt)) return "applied";
  if (ENDED.includes(draft.outcome)) return draft.outcome ?? null;
  if (draft.retiredReason === "apply_refused" || REFUSING.includes(draft.decision)) return "refused";
  if (isKnown(draft.retiredReason)) return "retired";
  if (isKnown(draft.verdict)) return "gated";
  return draft.outcome === "proposed" ? "proposed" : null;
}
