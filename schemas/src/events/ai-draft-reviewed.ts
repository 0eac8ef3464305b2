import Type from "typebox";
import {
  Actor,
  Count,
  Hash,
  Id,
  ReplyText,
  Sentence,
  Time,
  closed,
  oneOf,
  openOneOf,
  orNull,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftReviewed = event(
  "ai.draft.reviewed",
  "1.0",
  {
    meaning: "A person has decided about a draft. `approved` and `edited` carry the text to send.",
    key: "ticket",
    class: "fact",
    producers: ["safety-gate"],
    consumers: ["ingest", "triage", "webhook", "evaluation", "retrieval", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    reviewId: Id,
    draftId: Id,
    decisionId: Id,
    decision: oneOf("approved", "edited", "rejected", "taken_over"),
    actor: Actor,
    via: openOneOf("console", "api", "decision_link"),
    text: orNull(ReplyText),
    sentences: Type.Array(Sentence, { maxItems: 100 }),
    edit: orNull(
      closed({
        draft: ReplyText,
        final: ReplyText,
        sentencesKept: Count,
        sentencesAdded: Count,
        sentencesRemoved: Count,
      }),
    ),
    note: Type.Optional(Type.String({ maxLength: 2_000, "x-personal": true })),
    openedAt: Type.Optional(Time),
    decidedAt: Time,
    openedEvidence: Type.Array(Id, { maxItems: 20 }),
    categoryId: orNull(Id),
    fingerprint: Hash,
  }),
);
export type AiDraftReviewed = DataOf<typeof aiDraftReviewed>;
