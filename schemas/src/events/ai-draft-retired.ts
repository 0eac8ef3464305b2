import Type from "typebox";
import { Id, PersonalTitle, closed, openOneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftRetired = event(
  "ai.draft.retired",
  "1.0",
  {
    meaning: "A draft no longer stands, and why.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["safety-gate", "triage", "webhook", "evaluation", "console", "analytics", "crm"],
  },
  closed({
    ...ticketRef,
    draftId: Id,
    reason: openOneOf("newer_message", "person_replied", "source_changed", "rerun", "apply_refused", "ticket_closed"),
    detail: Type.Optional(PersonalTitle),
    supersededBy: orNull(Id),
  }),
);
export type AiDraftRetired = DataOf<typeof aiDraftRetired>;
