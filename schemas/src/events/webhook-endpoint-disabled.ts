import { Id, PersonalTitle, ShortText, closed, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const webhookEndpointDisabled = event(
  "webhook.endpoint_disabled",
  "1.0",
  {
    meaning: "An endpoint is no longer called, and why.",
    key: "endpoint",
    class: "fact",
    producers: ["webhook"],
    consumers: ["console", "analytics"],
  },
  closed({
    endpointId: Id,
    endpointName: ShortText,
    ownerId: Id,
    contact: PersonalTitle,
    reason: openOneOf("gone", "failing", "operator"),
    detail: ShortText,
  }),
);
export type WebhookEndpointDisabled = DataOf<typeof webhookEndpointDisabled>;
