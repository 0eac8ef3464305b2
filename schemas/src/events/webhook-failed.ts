import Type from "typebox";
import { Id, ShortText, Version, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const webhookFailed = event(
  "webhook.failed",
  "1.0",
  {
    meaning: "An event could not be delivered, for good.",
    key: "endpoint",
    class: "fact",
    producers: ["webhook"],
    consumers: ["console", "analytics"],
  },
  closed({
    deliveryId: Id,
    endpointId: Id,
    endpointName: ShortText,
    ticketId: orNull(Id),
    eventId: Id,
    eventType: Id,
    sequence: Version,
    attempts: Version,
    status: orNull(Type.Integer()),
    code: Id,
    message: ShortText,
  }),
);
export type WebhookFailed = DataOf<typeof webhookFailed>;
