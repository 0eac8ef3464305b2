import type { Envelope } from "@opsdesk/schemas/envelope";
import type { WebhookDelivered } from "@opsdesk/schemas/webhook-delivered";
import type { WebhookFailed } from "@opsdesk/schemas/webhook-failed";

/** How a delivery ended, as this service has published it. */
export interface ToldBefore {
  readonly state: "delivered" | "failed";
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastCode: string;
  readonly at: string;
}

/** By delivery id; of a delivery that was replayed the newest end counts. */
export function toldBefore(facts: readonly Envelope[]): ReadonlyMap<string, ToldBefore> {
  const told = new Map<string, ToldBefore>();
  for (const { data, time, type } of facts) {
    if (type !== "webhook.delivered" && type !== "webhook.failed") continue;
    // Read under the contract of its type.
    const { attempts, deliveryId, status, ...rest } = data as WebhookDelivered | WebhookFailed;
    if ((told.get(deliveryId)?.at ?? "") > time) continue;
    told.set(deliveryId, {
      state: type === "webhook.delivered" ? "delivered" : "failed",
      attempts,
      lastStatus: status,
      lastCode: "code" in rest ? rest.code : "delivered",
      at: time,
    });
  }
  return told;
}
