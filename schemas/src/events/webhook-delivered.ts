import Type from "typebox";
import { Id, ShortText, Version, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const webhookDelivered = event(
  "webhook.delivered",
  "1.0",
  {
    meaning: "An endpoint has taken an event.",
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
    status: Type.Integer({ minimum: 200, maximum: 299 }),
    latencyMs: Type.Number({ minimum: 0 }),
    url: Type.String({ maxLength: 2_000 }),
  }),
);
export type WebhookDelivered = DataOf<typeof webhookDelivered>;
