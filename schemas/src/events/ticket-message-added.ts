import Type from "typebox";
import { Id, Message, PersonalShort, closed, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const ticketMessageAdded = event(
  "ticket.message_added",
  "1.0",
  {
    meaning: "The conversation continues: a customer's message, a reply, or a note among colleagues.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["triage", "safety-gate", "evaluation", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    subject: PersonalShort,
    message: Message,
    /** The draft that this reply came from, when one did. */
    draftId: Type.Optional(Id),
  }),
);
export type TicketMessageAdded = DataOf<typeof ticketMessageAdded>;
