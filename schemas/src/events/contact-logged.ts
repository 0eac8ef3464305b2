import Type from "typebox";
import { Actor, Channel, Id, ReplyText, Time, closed, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const contactLogged = event(
  "contact.logged",
  "1.0",
  {
    meaning: "A person reached, or tried to reach, the customer.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["safety-gate", "evaluation", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    contactId: Id,
    channel: Channel,
    reached: Type.Boolean(),
    said: ReplyText,
    actor: Actor,
    at: Time,
  }),
);
export type ContactLogged = DataOf<typeof contactLogged>;
