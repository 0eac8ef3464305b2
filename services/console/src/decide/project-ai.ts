import { projection } from "./projection.ts";
import { RUN_TOTALS, totalsOf } from "./run-totals.ts";
import { byAuthor } from "./stamps.ts";
import { PLACE, placeOf } from "./ticket-place.ts";

/** What triage and retrieval found, and what their runs cost. */
export const ticketTriaged = projection(
  "ticket.triaged",
  { story: [...PLACE, ...RUN_TOTALS, "priority", "priorityStamp", "categoryId", "categoryStamp", "triagedAt"] },
  (event) => {
    const { data, id, time } = event;
    // Ingest leaves the ticket as it was when triage came to nothing; so does its story.
    const stamp = data.outcome === "triaged" ? byAuthor("triage", data.conversationVersion, id) : null;
    return {
      story: {
        ...placeOf(event),
        ...totalsOf(data.runs),
        priority: stamp === null ? null : data.priority,
        priorityStamp: stamp,
        categoryId: stamp === null ? null : data.categoryId,
        categoryStamp: stamp,
        triagedAt: time,
      },
    };
  },
);

export const contextRetrieved = projection(
  "context.retrieved",
  { story: [...PLACE, ...RUN_TOTALS, "retrievedAt"] },
  (event) => ({
    story: { ...placeOf(event), ...totalsOf(event.data.runs), retrievedAt: event.time },
  }),
);

export const draftProposed = projection(
  "ai.draft.proposed",
  {
    story: [...PLACE, ...RUN_TOTALS, "proposedAt"],
    draft: ["reference", "conversationVersion", "outcome", "outcomeReason", "proposedAt"],
  },
  (event) => {
    const { data, time } = event;
    return {
      story: { ...placeOf(event), ...totalsOf(data.runs), proposedAt: time },
      draft: {
        ticketId: data.ticketId,
        draftId: data.draftId,
        reference: data.reference,
        conversationVersion: data.conversationVersion,
        outcome: data.outcome,
        outcomeReason: data.reason ?? null,
        proposedAt: time,
      },
    };
  },
);

/** A run that no other event carries. */
export const runRecorded = projection(
  "ai.run.recorded",
  { story: [...RUN_TOTALS, "lastActivityAt"] },
  ({ data, time }) => ({
    story: data.ticketId === null ? null : { ticketId: data.ticketId, ...totalsOf([data.run]), lastActivityAt: time },
  }),
);

export const followupSuggested = projection("followup.suggested", { story: PLACE }, (event) => ({
  story: placeOf(event),
}));
