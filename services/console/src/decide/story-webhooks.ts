import type { Envelope } from "@opsdesk/schemas/envelope";
import { ofType } from "./story-events.ts";

export interface ToldDelivery {
  readonly at: string;
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly endpointName: string;
  readonly ofEventId: string;
  readonly ofEventType: string;
  readonly outcome: "delivered" | "failed";
  readonly attempts: number;
  /** The HTTP status; null where no answer came. */
  readonly status: number | null;
  readonly latencyMs: number | null;
  readonly url: string | null;
  readonly code: string | null;
}

/** Who was told of what, after how many attempts. */
export function deliveriesOf(events: readonly Envelope[]): readonly ToldDelivery[] {
  const shared = (
    data: {
      deliveryId: string;
      endpointId: string;
      endpointName: string;
      eventId: string;
      eventType: string;
      attempts: number;
    },
    at: string,
  ) => ({
    at,
    deliveryId: data.deliveryId,
    endpointId: data.endpointId,
    endpointName: data.endpointName,
    ofEventId: data.eventId,
    ofEventType: data.eventType,
    attempts: data.attempts,
  });
  return [
    ...ofType(events, "webhook.delivered").map(({ data, time }) => ({
      ...shared(data, time),
      outcome: "delivered" as const,
      status: data.status,
      latencyMs: data.latencyMs,
      url: data.url,
      code: null,
    })),
    ...ofType(events, "webhook.failed").map(({ data, time }) => ({
      ...shared(data, time),
      outcome: "failed" as const,
      status: data.status,
      latencyMs: null,
      url: null,
      code: data.code,
    })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
