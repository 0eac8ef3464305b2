import Type from "typebox";
import { Actor, Id, Priority, TicketStatus, Time, closed, openOneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

const fields = {
  status: Type.Optional(TicketStatus),
  priority: Type.Optional(Priority),
  categoryId: Type.Optional(orNull(Id)),
  assigneeId: Type.Optional(orNull(Id)),
  snoozedUntil: Type.Optional(orNull(Time)),
  mergedInto: Type.Optional(orNull(Id)),
  responseDueAt: Type.Optional(orNull(Time)),
};

export const ticketChanged = event(
  "ticket.changed",
  "1.0",
  {
    meaning: "A ticket's fields changed: before, after, by whom.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["triage", "safety-gate", "webhook", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    actor: Actor,
    change: openOneOf(
      "assigned",
      "priority",
      "category",
      "snoozed",
      "merged",
      "closed",
      "reopened",
      "reply_undone",
      "deadline",
      "breached",
    ),
    before: closed(fields),
    after: closed(fields),
  }),
);
export type TicketChanged = DataOf<typeof ticketChanged>;
