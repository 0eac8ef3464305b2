import { Channel, Id, ShortText, closed, oneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const replyFailed = event(
  "reply.failed",
  "1.0",
  {
    meaning: "A reply could not be delivered; a person must look.",
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
    code: Id,
    message: ShortText,
  }),
);
export type ReplyFailed = DataOf<typeof replyFailed>;
