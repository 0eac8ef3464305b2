import { type DocumentOf, date, double, keyword, long } from "./field.ts";

const BOTH = "`webhook.delivered`, `webhook.failed`";

/** One document a webhook delivery that has ended: delivered, or given up; sent again, it has its newest end. */
export const deliveryFields = {
  tenant: keyword("The business", "envelope"),
  deliveryId: keyword("The delivery; receivers see it as webhook-id", BOTH),
  endpointId: keyword("The endpoint", BOTH),
  endpointName: keyword("Its name", BOTH),
  ticketId: keyword("The ticket it tells of, where there is one", BOTH),
  eventType: keyword("The event it tells of", BOTH),
  state: keyword("delivered or failed", BOTH),
  attempts: long("count", "Attempts so far", BOTH),
  httpStatus: long("HTTP status", "Answer to the last attempt", BOTH),
  latencyMs: double("milliseconds", "How long the successful attempt took", "`webhook.delivered`"),
  code: keyword("Why it failed", "`webhook.failed`"),
  failures: long("count", "How often it was given up", "`webhook.failed`"),
  endedAt: date("When it ended", BOTH),
} as const;
export type DeliveryDocument = DocumentOf<typeof deliveryFields>;
