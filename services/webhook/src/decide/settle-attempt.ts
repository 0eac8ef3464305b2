import type { NewEvent, NewJob } from "@opsdesk/messaging/outcome";
import type { WebhookDelivered } from "@opsdesk/schemas/webhook-delivered";
import type { WebhookFailed } from "@opsdesk/schemas/webhook-failed";
import { type Attempt, type LoggedAttempt, chained } from "./attempt-log.ts";
import { type Delivery, type MovedDelivery, deliverJob } from "./delivery.ts";
import { disabledEvent } from "./disabled-event.ts";
import type { DisabledReason, Endpoint } from "./endpoint.ts";
import type { ToldBefore } from "./told-before.ts";
import { type Next, nextAttempt, type Answer, spread } from "./next-attempt.ts";

/** How an endpoint fares after an attempt. `disable` is set by the attempt that ends it. */
interface Health {
  readonly tenant: string;
  readonly endpointId: string;
  readonly failingSince: string | null;
  readonly slowUntil: string | null;
  readonly disable: { readonly reason: DisabledReason; readonly detail: string; readonly loadedVersion: number } | null;
}

/** What one job changes. */
export interface Settled {
  readonly deliveries: readonly MovedDelivery[];
  readonly attempt: LoggedAttempt | null;
  readonly health: Health | null;
}

export interface Settlement {
  readonly rows: Settled;
  readonly jobs: readonly NewJob[];
  readonly events: readonly NewEvent[];
}

/** The delivery in its place: what it follows, and what waits for it. */
export interface Place {
  readonly delivery: Delivery;
  readonly endpoint: Endpoint | undefined;
  readonly successor: Delivery | undefined;
}

const FAILING_DAYS_MAX = 5;
const DAY_MS = 86_400_000;

export const moved = (delivery: Delivery, change: Partial<Delivery>): MovedDelivery => ({
  ...delivery,
  ...change,
  version: delivery.version + 1,
  loadedVersion: delivery.version,
});

/** What follows from an attempt that was made: success, another attempt later, or the end. */
export function settleAttempt(
  place: Place & { endpoint: Endpoint },
  answer: Answer,
  attempt: Attempt,
  now: string,
): Settlement {
  const { delivery, endpoint } = place;
  const tries = delivery.tries + 1;
  const next = nextAttempt(answer, tries, now, spread(`${delivery.deliveryId}:${String(attempt.attempt)}`));
  const logged = chained({ ...attempt, code: next.do === "delivered" ? "delivered" : next.code }, delivery.lastHash);
  const health = healthAfter(endpoint, next, now);
  const made = {
    attempts: attempt.attempt,
    tries,
    lastStatus: attempt.status,
    lastCode: logged.code,
    lastHash: logged.hash,
  };
  const disabled =
    health === null || health.disable === null
      ? []
      : [disabledEvent(endpoint, health.disable.reason, health.disable.detail)];
  if (next.do === "retry") {
    const retried = moved(delivery, { ...made, state: "due", nextAttemptAt: later(now, next.afterSeconds) });
    return {
      rows: { deliveries: [retried], attempt: logged, health },
      jobs: [deliverJob(retried, next.afterSeconds)],
      events: disabled,
    };
  }
  const ended = moved(delivery, { ...made, state: next.do, nextAttemptAt: null, finishedAt: now });
  const event =
    next.do === "delivered"
      ? deliveredEvent(ended, endpoint, attempt)
      : failedEvent(ended, endpoint.name, next.code, attempt.message);
  const woken = wake(place.successor, now);
  return {
    rows: { deliveries: [ended, ...woken.deliveries], attempt: logged, health },
    jobs: woken.jobs,
    events: [event, ...disabled],
  };
}

/** The end of a delivery that is not attempted any more. */
export function giveUp(place: Place, code: string, message: string, now: string): Settlement {
  const ended = moved(place.delivery, { state: "failed", lastCode: code, nextAttemptAt: null, finishedAt: now });
  const woken = wake(place.successor, now);
  return {
    rows: { deliveries: [ended, ...woken.deliveries], attempt: null, health: null },
    jobs: woken.jobs,
    events: [failedEvent(ended, place.endpoint?.name ?? ended.endpointId, code, message)],
  };
}

/** It ended before its row was lost, and everybody was told: it is not attempted again. */
export function endedBefore(place: Place, { at, ...told }: ToldBefore): Settlement {
  const ended = moved(place.delivery, { ...told, tries: told.attempts, nextAttemptAt: null, finishedAt: at });
  const woken = wake(place.successor, at);
  return {
    rows: { deliveries: [ended, ...woken.deliveries], attempt: null, health: null },
    jobs: woken.jobs,
    events: [],
  };
}

/** Waits for its predecessor, which moves too: whoever is finishing that one at this moment must decide again. */
export function waitBehind(delivery: Delivery, predecessor: Delivery): Settlement {
  return {
    rows: {
      deliveries: [moved(delivery, { state: "waiting", nextAttemptAt: null }), moved(predecessor, {})],
      attempt: null,
      health: null,
    },
    jobs: [],
    events: [],
  };
}

/** Not attempted before its endpoint has had the time that it asked for, or has room. */
export function putOff(delivery: Delivery, afterSeconds: number, now: string): Settlement {
  const later_ = moved(delivery, { state: "due", nextAttemptAt: later(now, afterSeconds) });
  return {
    rows: { deliveries: [later_], attempt: null, health: null },
    jobs: [deliverJob(later_, afterSeconds)],
    events: [],
  };
}

function wake(
  successor: Delivery | undefined,
  now: string,
): { deliveries: readonly MovedDelivery[]; jobs: readonly NewJob[] } {
  if (successor?.state !== "waiting") return { deliveries: [], jobs: [] };
  const woken = moved(successor, { state: "due", nextAttemptAt: now });
  return { deliveries: [woken], jobs: [deliverJob(woken)] };
}

function healthAfter(endpoint: Endpoint, next: Next, now: string): Health | null {
  const { tenant, endpointId } = endpoint;
  if (next.do === "delivered")
    return endpoint.failingSince === null && endpoint.slowUntil === null
      ? null
      : { tenant, endpointId, failingSince: null, slowUntil: null, disable: null };
  const failingSince = endpoint.failingSince ?? now;
  const slowUntil = next.slowSeconds > 0 ? later(now, next.slowSeconds) : endpoint.slowUntil;
  const loadedVersion = endpoint.version;
  // An operator, or another attempt, was first.
  if (endpoint.status !== "enabled") return { tenant, endpointId, failingSince, slowUntil, disable: null };
  if (next.do === "failed" && next.gone)
    return {
      tenant,
      endpointId,
      failingSince,
      slowUntil,
      disable: { reason: "gone", detail: "It answered 410 Gone.", loadedVersion },
    };
  const days = (Date.parse(now) - Date.parse(failingSince)) / DAY_MS;
  const disable =
    days >= FAILING_DAYS_MAX
      ? { reason: "failing" as const, detail: `No delivery has succeeded since ${failingSince}.`, loadedVersion }
      : null;
  return { tenant, endpointId, failingSince, slowUntil, disable };
}

const later = (now: string, seconds: number): string => new Date(Date.parse(now) + seconds * 1_000).toISOString();

const about = (delivery: Delivery, endpointName: string) => ({
  deliveryId: delivery.deliveryId,
  endpointId: delivery.endpointId,
  endpointName,
  ticketId: delivery.ticketId,
  eventId: delivery.eventId,
  eventType: delivery.eventType,
  sequence: delivery.sequence,
});

// A delivery that another one woke runs in that one's job: its correlation is its own.
const told = (delivery: Delivery, type: "webhook.delivered" | "webhook.failed", data: unknown): NewEvent => ({
  type,
  key: delivery.endpointId,
  ordinal: delivery.deliveryId,
  correlationId: delivery.correlationId,
  ...(delivery.ticketId === null ? {} : { subject: delivery.ticketId }),
  data,
});

const deliveredEvent = (delivery: Delivery, endpoint: Endpoint, attempt: Attempt): NewEvent =>
  told(delivery, "webhook.delivered", {
    ...about(delivery, endpoint.name),
    attempts: delivery.attempts,
    // Only a success gets here, and it has a status between 200 and 299.
    status: attempt.status ?? 200,
    latencyMs: attempt.latencyMs,
    url: endpoint.url,
  } satisfies WebhookDelivered);

const failedEvent = (delivery: Delivery, endpointName: string, code: string, message: string): NewEvent =>
  told(delivery, "webhook.failed", {
    ...about(delivery, endpointName),
    // At least one even where none was made: the endpoint was disabled before the first.
    attempts: Math.max(1, delivery.attempts),
    status: delivery.lastStatus,
    code,
    message: message.slice(0, 300) || code,
  } satisfies WebhookFailed);
