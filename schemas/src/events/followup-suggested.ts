import { Id, PersonalTitle, Time, closed, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const followupSuggested = event(
  "followup.suggested",
  "1.0",
  {
    meaning: "Something worth doing after this ticket.",
    key: "ticket",
    class: "fact",
    producers: ["triage"],
    consumers: ["ingest", "console", "webhook"],
  },
  closed({
    ...ticketRef,
    suggestionId: Id,
    title: PersonalTitle,
    ownerId: orNull(Id),
    dueAt: Time,
    reason: PersonalTitle,
  }),
);
export type FollowupSuggested = DataOf<typeof followupSuggested>;
