import { Id, ShortText, closed, oneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const enquiryAccepted = event(
  "enquiry.accepted",
  "1.0",
  {
    meaning: "The enquiry is stored and belongs to a ticket.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["upstream", "console"],
  },
  closed({
    ...ticketRef,
    source: ShortText,
    externalId: orNull(Id),
    messageId: Id,
    outcome: oneOf("ticket_created", "message_added"),
  }),
);
export type EnquiryAccepted = DataOf<typeof enquiryAccepted>;
