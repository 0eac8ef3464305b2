import { projection } from "./projection.ts";

/** Who was told, and who could not be. */
export const webhookDelivered = projection(
  "webhook.delivered",
  { story: ["lastActivityAt", "deliveries", "notifiedAt"] },
  ({ data, time }) => ({
    story:
      data.ticketId === null
        ? null
        : { ticketId: data.ticketId, lastActivityAt: time, deliveries: 1, notifiedAt: time },
  }),
);

export const webhookFailed = projection(
  "webhook.failed",
  { story: ["lastActivityAt", "deliveriesFailed"] },
  ({ data, time }) => ({
    story: data.ticketId === null ? null : { ticketId: data.ticketId, lastActivityAt: time, deliveriesFailed: 1 },
  }),
);
