import { Channel, Id, ReplyText, Time, closed, oneOf, openOneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const replySent = event(
  "reply.sent",
  "1.0",
  {
    meaning: "A reply has left through its channel.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["webhook", "evaluation", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    messageId: Id,
    draftId: orNull(Id),
    origin: oneOf("auto", "reviewed", "person"),
    channel: Channel,
    carrier: openOneOf("record", "smtp", "capture"),
    /** The Message-ID it left with, the same for a repeat. */
    channelMessageId: Id,
    text: ReplyText,
    sentAt: Time,
  }),
);
export type ReplySent = DataOf<typeof replySent>;
