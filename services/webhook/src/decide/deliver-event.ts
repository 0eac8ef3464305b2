import { sha256Hex } from "@opsdesk/identity";
import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import { type NewDelivery, deliverJob } from "./delivery.ts";
import { type Endpoint, isShadow, subscribesTo } from "./endpoint.ts";
import { type Occurrence, laneOf, newDelivery } from "./new-delivery.ts";

/** A tenant's endpoints, and the newest delivery of each lane that the batch touches. */
export interface Audience {
  readonly endpoints: readonly Endpoint[];
  readonly lastIds: ReadonlyMap<string, string>;
  /** Each endpoint's sequence as it was loaded: what the writes are conditional on. */
  readonly loaded: ReadonlyMap<string, number>;
}

/** Who may decide about a review with a link, and about what. */
interface DecisionLink {
  readonly tenant: string;
  readonly reviewId: string;
  readonly ticketId: string;
  readonly fingerprint: string;
  readonly tokenHash: string;
  readonly correlationId: string;
  readonly eventId: string;
  readonly expiresAt: string | null;
}

export interface Told {
  readonly tenant: string;
  readonly deliveries: readonly NewDelivery[];
  readonly counters: readonly {
    readonly tenant: string;
    readonly endpointId: string;
    readonly loaded: number;
    readonly sequence: number;
  }[];
  readonly link: DecisionLink | null;
}

export const laneKey = (endpointId: string, lane: string): string => `${endpointId} ${lane}`;

/**
 * One delivery for each endpoint that subscribes to the event, numbered and linked to the one before it.
 * `audience` is undefined until the tenant's desk has arrived: endpoints may still be declared by it.
 */
export function deliverEvent(event: Occurrence, audience: Audience | undefined, now: string): Outcome<Told> {
  if (isShadow(event.tenant)) return ignore("shadow_tenant");
  if (audience === undefined)
    return defer("desk_not_configured", {
      until: `desk:${event.tenant}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: 600,
    });
  const subscribed = audience.endpoints.filter(
    (endpoint) => endpoint.status !== "deleted" && subscribesTo(endpoint, event.type),
  );
  const link = linkOf(event);
  if (subscribed.length === 0 && link === null) return ignore("no_endpoint_subscribed");
  const lane = laneOf(event);
  const deliveries = subscribed.map((endpoint) =>
    newDelivery(event, endpoint, audience.lastIds.get(laneKey(endpoint.endpointId, lane)) ?? null, now),
  );
  return done({
    rows: {
      tenant: event.tenant,
      deliveries,
      counters: deliveries.map(({ tenant, endpointId, sequence }) => ({
        tenant,
        endpointId,
        loaded: audience.loaded.get(endpointId) ?? 0,
        sequence,
      })),
      link,
    },
    jobs: deliveries.filter(({ state }) => state === "due").map((delivery) => deliverJob(delivery)),
  });
}

/** The audience that the next event of the batch finds. */
export function afterTold(audience: Audience, told: Told): Audience {
  const lastIds = new Map(audience.lastIds);
  const sequences = new Map<string, number>();
  for (const { endpointId, lane, deliveryId, sequence } of told.deliveries) {
    lastIds.set(laneKey(endpointId, lane), deliveryId);
    sequences.set(endpointId, sequence);
  }
  const endpoints = audience.endpoints.map((endpoint) => ({
    ...endpoint,
    sequence: sequences.get(endpoint.endpointId) ?? endpoint.sequence,
  }));
  return { ...audience, endpoints, lastIds };
}

/** Kept from `ai.draft.review_required`. Only the hash of the token is: the link itself is in the delivery. */
function linkOf(event: Occurrence): DecisionLink | null {
  if (event.type !== "ai.draft.review_required") return null;
  // The event has passed the contract of its type, which has these fields.
  const data = event.data as {
    reviewId: string;
    ticketId: string;
    fingerprint: string;
    decisionUrl: string;
    decisionUrlExpiresAt?: string;
  };
  const token = URL.canParse(data.decisionUrl) ? new URL(data.decisionUrl).searchParams.get("token") : null;
  if (token === null || token === "") return null;
  return {
    tenant: event.tenant,
    reviewId: data.reviewId,
    ticketId: data.ticketId,
    fingerprint: data.fingerprint,
    tokenHash: sha256Hex(token),
    correlationId: event.correlationId,
    eventId: event.id,
    expiresAt: data.decisionUrlExpiresAt ?? null,
  };
}
