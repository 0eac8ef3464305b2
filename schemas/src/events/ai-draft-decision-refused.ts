import { Actor, Id, PersonalTitle, closed, oneOf, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftDecisionRefused = event(
  "ai.draft.decision_refused",
  "1.0",
  {
    meaning: "A decision came too late, from the wrong person, or about something else: it had no effect.",
    key: "ticket",
    class: "fact",
    producers: ["safety-gate"],
    consumers: ["console", "webhook", "crm"],
  },
  closed({
    ticketId: Id,
    reviewId: Id,
    decisionId: Id,
    decision: oneOf("approve", "edit", "reject", "take_over", "undo"),
    actor: Actor,
    code: openOneOf(
      "review_unknown",
      "already_decided",
      "draft_retired",
      "fingerprint_changed",
      "not_allowed",
      "nothing_to_send",
      "nothing_to_undo",
      "text_missing",
    ),
    message: PersonalTitle,
  }),
);
export type AiDraftDecisionRefused = DataOf<typeof aiDraftDecisionRefused>;
