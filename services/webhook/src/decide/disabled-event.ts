import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { WebhookEndpointDisabled } from "@opsdesk/schemas/webhook-endpoint-disabled";
import type { DisabledReason, Endpoint } from "./endpoint.ts";

/** The contract names who disabled it; that a secret is missing is for an operator to settle, and the detail says how. */
const REASON: Readonly<Record<DisabledReason, WebhookEndpointDisabled["reason"]>> = {
  gone: "gone",
  failing: "failing",
  operator: "operator",
  secret_missing: "operator",
};

export const disabledEvent = (endpoint: Endpoint, reason: DisabledReason, detail: string): NewEvent => ({
  type: "webhook.endpoint_disabled",
  key: endpoint.endpointId,
  ordinal: endpoint.endpointId,
  data: {
    endpointId: endpoint.endpointId,
    endpointName: endpoint.name,
    ownerId: endpoint.ownerId,
    contact: endpoint.contact,
    reason: REASON[reason],
    detail,
  } satisfies WebhookEndpointDisabled,
});
