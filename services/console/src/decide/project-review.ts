import { projection } from "./projection.ts";
import { byTime, byVersion } from "./stamps.ts";
import { PLACE, placeOf } from "./ticket-place.ts";

/** What the gate and the people behind it decided. A draft's row says what became of it, whichever event comes first. */
export const reviewRequired = projection(
  "ai.draft.review_required",
  {
    story: [...PLACE, "ownerId", "ownerName", "ownerStamp", "gatedAt"],
    draft: [
      "reference",
      "conversationVersion",
      "reviewId",
      "requiredEventId",
      "correlationId",
      "categoryId",
      "categoryName",
      "priority",
      "ownerId",
      "ownerName",
      "dueBy",
      "fingerprint",
      "sendable",
      "requiredAt",
    ],
  },
  (event) => {
    const { data, id, time } = event;
    const owner = { ownerId: data.owner.id, ownerName: data.owner.name };
    return {
      story: { ...placeOf(event), ...owner, ownerStamp: byVersion(data.conversationVersion, id), gatedAt: time },
      draft: {
        ticketId: data.ticketId,
        draftId: data.draftId,
        reference: data.reference,
        conversationVersion: data.conversationVersion,
        reviewId: data.reviewId,
        requiredEventId: id,
        correlationId: event.correlationid,
        categoryId: data.categoryId,
        categoryName: data.categoryName ?? null,
        priority: data.priority,
        ...owner,
        dueBy: data.dueBy,
        fingerprint: data.fingerprint,
        sendable: data.draft !== null,
        requiredAt: time,
      },
    };
  },
  // The link decides for whoever holds it: it is for the event's receivers, not for everyone who may read events.
  ({ data: { decisionUrl: _withheld, ...data }, ...event }) => ({ ...event, data }),
);

export const draftAutoApproved = projection(
  "ai.draft.auto_approved",
  { story: [...PLACE, "gatedAt"], draft: ["reference", "conversationVersion", "autoApprovedAt"] },
  (event) => {
    const { data, time } = event;
    const { ticketId, draftId, reference, conversationVersion } = data;
    return {
      story: { ...placeOf(event), gatedAt: time },
      draft: { ticketId, draftId, reference, conversationVersion, autoApprovedAt: time },
    };
  },
);

export const draftReviewed = projection(
  "ai.draft.reviewed",
  {
    story: [...PLACE, "decidedAt"],
    draft: [
      "reference",
      "conversationVersion",
      "decision",
      "decisionId",
      "decidedById",
      "decidedByName",
      "decidedVia",
      "decidedAt",
      "decisionStamp",
    ],
  },
  (event) => {
    const { data, id } = event;
    const { ticketId, draftId, reference, conversationVersion, decision, decisionId, actor, decidedAt } = data;
    return {
      story: { ...placeOf(event), decidedAt },
      draft: {
        ticketId,
        draftId,
        reference,
        conversationVersion,
        decision,
        decisionId,
        decidedById: actor.id,
        decidedByName: actor.name ?? null,
        decidedVia: data.via,
        decidedAt,
        decisionStamp: byTime(decidedAt, id),
      },
    };
  },
);

/** The first retirement counts. Its conversation version is the ticket's, not the draft's, and says nothing about the draft. */
export const draftRetired = projection(
  "ai.draft.retired",
  { story: PLACE, draft: ["reference", "retiredReason", "retiredDetail", "retiredAt", "retiredStamp"] },
  (event) => {
    const { data, id, time } = event;
    return {
      story: placeOf(event),
      draft: {
        ticketId: data.ticketId,
        draftId: data.draftId,
        reference: data.reference,
        retiredReason: data.reason,
        retiredDetail: data.detail ?? null,
        retiredAt: time,
        retiredStamp: byTime(time, id),
      },
    };
  },
);

export const decisionRefused = projection(
  "ai.draft.decision_refused",
  { story: ["lastActivityAt"] },
  ({ data, time }) => ({
    story: { ticketId: data.ticketId, lastActivityAt: time },
  }),
);
