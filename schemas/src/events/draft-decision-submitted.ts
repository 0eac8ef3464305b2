import Type from "typebox";
import { Actor, Hash, Id, ReplyText, Time, closed, oneOf, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const draftDecisionSubmitted = event(
  "draft.decision_submitted",
  "1.0",
  {
    meaning: "A person's decision about a draft, as it was made.",
    key: "ticket",
    class: "command",
    producers: ["console", "webhook"],
    consumers: ["safety-gate"],
  },
  closed({
    decisionId: Id,
    reviewId: Id,
    ticketId: Id,
    decision: oneOf("approve", "edit", "reject", "take_over", "undo"),
    actor: Actor,
    via: openOneOf("console", "api", "decision_link"),
    /** The token of a decision link; the gate checks it, and takes it once. */
    proof: Type.Optional(Type.String({ maxLength: 500 })),
    /** Of the proposal that the person read. */
    fingerprint: Hash,
    /** The whole reply, for `edit`. */
    text: Type.Optional(ReplyText),
    note: Type.Optional(Type.String({ maxLength: 2_000, "x-personal": true })),
    openedAt: Type.Optional(Time),
    decidedAt: Time,
    openedEvidence: Type.Array(Id, { maxItems: 20 }),
  }),
);
export type DraftDecisionSubmitted = DataOf<typeof draftDecisionSubmitted>;
