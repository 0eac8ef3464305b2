import {
  Channel,
  Count,
  Customer,
  Id,
  Message,
  PersonalShort,
  Priority,
  ShortText,
  TicketStatus,
  Time,
  closed,
  orNull,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const ticketCreated = event(
  "ticket.created",
  "1.0",
  {
    meaning: "A new conversation has become a ticket.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["triage", "evaluation", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    source: ShortText,
    externalId: orNull(Id),
    channel: Channel,
    customer: Customer,
    subject: PersonalShort,
    status: TicketStatus,
    priority: Priority,
    message: Message,
    responseDueAt: Time,
    deskVersion: Count,
  }),
);
export type TicketCreated = DataOf<typeof ticketCreated>;
