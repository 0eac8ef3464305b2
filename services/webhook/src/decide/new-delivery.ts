import { prefixedId } from "@opsdesk/identity";
import type { NewDelivery } from "./delivery.ts";
import type { Endpoint } from "./endpoint.ts";

/** What happened, as endpoints are told. */
export interface Occurrence {
  readonly id: string;
  readonly type: string;
  readonly tenant: string;
  readonly time: string;
  readonly correlationId: string;
  readonly data: unknown;
}

const textOf = (data: unknown, name: string): string | null => {
  if (typeof data !== "object" || data === null || !(name in data)) return null;
  // `in` has just shown that it is there.
  const value = (data as Record<string, unknown>)[name];
  return typeof value === "string" ? value : null;
};

/** What order is kept for. */
export const laneOf = (event: Occurrence): string => textOf(event.data, "ticketId") ?? event.id;

/** The next delivery of an endpoint. `previousId` is the newest one of the same lane. */
export function newDelivery(
  event: Occurrence,
  endpoint: Endpoint,
  previousId: string | null,
  now: string,
): NewDelivery {
  const deliveryId = prefixedId("dlv", `${event.id}:${endpoint.endpointId}`);
  const sequence = endpoint.sequence + 1;
  const ticketId = textOf(event.data, "ticketId");
  const reference = textOf(event.data, "reference");
  const decisionUrl = textOf(event.data, "decisionUrl");
  const body = JSON.stringify({
    id: deliveryId,
    type: event.type,
    timestamp: event.time,
    eventId: event.id,
    sequence,
    previousId,
    correlationId: event.correlationId,
    tenant: event.tenant,
    ticketId,
    reference,
    ...(decisionUrl === null ? {} : { decisionUrl }),
    data: event.data,
  });
  const due = endpoint.status === "enabled";
  return {
    tenant: event.tenant,
    deliveryId,
    endpointId: endpoint.endpointId,
    lane: laneOf(event),
    eventId: event.id,
    eventType: event.type,
    ticketId,
    reference,
    correlationId: event.correlationId,
    sequence,
    previousId,
    state: due ? "due" : "held",
    attempts: 0,
    tries: 0,
    lastStatus: null,
    lastCode: null,
    lastHash: null,
    nextAttemptAt: due ? now : null,
    finishedAt: due ? null : now,
    createdAt: now,
    version: 1,
    body,
  };
}
