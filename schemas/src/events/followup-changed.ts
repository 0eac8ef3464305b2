import { Actor, Id, PersonalTitle, Time, closed, oneOf, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const followupChanged = event(
  "followup.changed",
  "1.0",
  {
    meaning: "A follow-up of a ticket was made, changed or done.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["console", "analytics"],
  },
  closed({
    ...ticketRef,
    followUpId: Id,
    title: PersonalTitle,
    ownerId: Id,
    dueAt: Time,
    status: oneOf("open", "done"),
    actor: Actor,
  }),
);
export type FollowupChanged = DataOf<typeof followupChanged>;
