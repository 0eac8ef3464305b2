import { type AnyJobStep, type Clock, type Job, type Outcome, done, ignore, isoTime, job } from "@opsdesk/messaging";
import type { Sender } from "../clients/sender.ts";
import type { Sign } from "../clients/signer.ts";
import type { Attempt } from "../decide/attempt-log.ts";
import { DELIVER_QUEUE, type DeliverJob } from "../decide/delivery.ts";
import { type Answer, spread } from "../decide/next-attempt.ts";
import {
  type Settled,
  type Settlement,
  endedBefore,
  giveUp,
  putOff,
  settleAttempt,
  waitBehind,
} from "../decide/settle-attempt.ts";
import type { ToldBefore } from "../decide/told-before.ts";
import { startAttempt } from "../decide/start-attempt.ts";
import { insertAttempts } from "../store/attempts.ts";
import {
  type PlacedDelivery,
  deliveriesHeld,
  moveDeliveries,
  placeKey,
  placedDeliveries,
} from "../store/deliveries.ts";
import { disablingHeld, endpointsFared } from "../store/health.ts";
import { Rooms } from "./rooms.ts";

interface Ports {
  readonly sender: Sender;
  readonly sign: Sign;
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** How deliveries ended whose rows were lost, by delivery id; empty but after a restore. */
  readonly before?: ReadonlyMap<string, ToldBefore>;
}

type Places = ReadonlyMap<string, PlacedDelivery>;

interface Made {
  readonly answer: Answer;
  readonly attempt: Attempt;
}

const CONCURRENCY = 160;
const MADE_MAX = 2_000;
const BUSY_SECONDS = 5;
const AGAIN_SECONDS = 300;

/** One attempt at one delivery. What comes of it, another attempt later included, is decided once it has been made. */
export function webhookDeliver({ sender, sign, clock, deadlineMs, before = new Map() }: Ports): AnyJobStep {
  const rooms = new Rooms();
  // A job whose effects met another writer runs again, on what is there now. It must not send again for that.
  const made = new Map<string, Made>();
  // Many attempts may find an endpoint gone at once: one of them says so.
  const announced = new Map<string, string>();

  async function attempt(
    deliver: Job<DeliverJob>,
    { delivery, body, secrets }: PlacedDelivery,
    url: string,
    signal: AbortSignal,
  ): Promise<Made | undefined> {
    const known = made.get(deliver.id);
    if (known !== undefined) return known;
    if (!(await rooms.enter(delivery.endpointId))) return undefined;
    let well = false;
    try {
      const startedAt = isoTime(clock);
      const headers = {
        "content-type": "application/json",
        "user-agent": "OpsDesk-Webhooks/1.0",
        ...sign(
          secrets.map(({ sealed }) => sealed),
          delivery.deliveryId,
          startedAt,
          body,
        ),
      };
      const { traceparent, data } = deliver;
      const sent = await sender.send(
        { endpointId: delivery.endpointId, url, headers, body, traceparent, resent: data.attempt - 1 },
        signal,
      );
      const answered = sent.kind === "answered";
      well = answered && sent.status < 500 && sent.status !== 429;
      const result: Made = {
        answer: answered
          ? { kind: "answered", status: sent.status, retryAfter: sent.headers["retry-after"] ?? null }
          : { kind: "unanswered", code: sent.code },
        attempt: {
          tenant: delivery.tenant,
          deliveryId: delivery.deliveryId,
          attempt: deliver.data.attempt,
          startedAt,
          latencyMs: sent.latencyMs,
          code: "",
          message: answered ? `It answered ${String(sent.status)}.` : sent.message,
          status: answered ? sent.status : null,
          requestHeaders: JSON.stringify(headers),
          responseHeaders: JSON.stringify(answered ? sent.headers : {}),
          responseBody: answered ? sent.body : "",
          responseTruncated: answered && sent.truncated,
        },
      };
      if (made.size >= MADE_MAX) made.delete(made.keys().next().value ?? "");
      made.set(deliver.id, result);
      return result;
    } finally {
      rooms.leave(delivery.endpointId, well);
    }
  }

  /** An endpoint is said to be disabled once, whichever attempt found out first. */
  function announcedOnce({ rows, jobs, events }: Settlement): Settlement {
    const { health } = rows;
    if (health === null || health.disable === null) return { rows, jobs, events };
    const { endpointId, disable } = health;
    const key = `${endpointId}@${String(disable.loadedVersion)}`;
    const by = rows.attempt?.deliveryId ?? "";
    const first = announced.get(key) ?? by;
    if (announced.size >= MADE_MAX) announced.clear();
    announced.set(key, first);
    if (first === by) return { rows, jobs, events };
    return {
      rows: { ...rows, health: null },
      jobs,
      events: events.filter(({ type }) => type !== "webhook.endpoint_disabled"),
    };
  }

  return job<DeliverJob, Places, Settled>(DELIVER_QUEUE, {
    load: (read, jobs) =>
      placedDeliveries(
        read,
        jobs.map(({ tenant, data }) => ({ tenant, deliveryId: data.deliveryId })),
        isoTime(clock),
      ),
    async run(deliver, places, { now, signal }) {
      const placed = places.get(placeKey(deliver.tenant, deliver.data.deliveryId));
      const endpoint = placed?.endpoint ?? undefined;
      const start = startAttempt(
        placed?.delivery,
        endpoint,
        placed?.predecessor ?? undefined,
        deliver.data.attempt,
        now,
      );
      if (start.do === "skip") return ignore(start.reason);
      if (placed === undefined) return ignore("delivery_unknown");
      const place = placeOf(placed);
      const sent = made.get(deliver.id);
      if (sent === undefined) {
        if (start.do === "wait" && placed.predecessor !== null)
          return outcome(waitBehind(placed.delivery, placed.predecessor));
        const told = before.get(placed.delivery.deliveryId);
        if (told !== undefined) return outcome(endedBefore(place, told));
        if (start.do === "later") return outcome(putOff(placed.delivery, start.afterSeconds, now));
        if (start.do === "fail") return outcome(giveUp(place, start.code, start.message, now));
        if (placed.secrets.length === 0)
          return outcome(giveUp(place, "secret_missing", "The endpoint has no signing secret: rotate it.", now));
      }
      // Every other start has been answered, so there is an endpoint to call.
      if (endpoint === undefined) return ignore("endpoint_unknown");
      const result = sent ?? (await attempt(deliver, placed, endpoint.url, signal));
      if (result === undefined)
        return outcome(putOff(placed.delivery, Math.ceil(BUSY_SECONDS * (0.5 + spread(deliver.id))), now));
      return outcome(
        announcedOnce(settleAttempt({ ...place, endpoint }, result.answer, result.attempt, isoTime(clock))),
      );
    },
    save(rows) {
      const deliveries = rows.flatMap((row) => row.deliveries);
      const health = rows.flatMap((row) => (row.health === null ? [] : [row.health]));
      return {
        writes: [
          moveDeliveries(deliveries),
          insertAttempts(rows.flatMap((row) => (row.attempt === null ? [] : [row.attempt]))),
          ...(health.length === 0 ? [] : [endpointsFared(health)]),
        ],
        guards: [
          deliveriesHeld(deliveries),
          ...(health.some(({ disable }) => disable !== null) ? [disablingHeld(health)] : []),
        ],
      };
    },
    // Only its effects failed to be written: they are tried again later, and it is not sent again for that.
    exhausted: (deliver, error, places, { now, ran }) =>
      ran ? again(deliver) : afterFault(deliver, error, places, now),
    // Attempts are jobs of their own, by the schedule of decide/next-attempt.ts.
    retry: { limit: 0, delaySeconds: 1, delaySecondsMax: 1, timeoutSeconds: Math.ceil(deadlineMs / 1_000) + 15 },
    concurrency: CONCURRENCY,
  });
}

const outcome = ({ rows, jobs, events }: Settlement): Outcome<Settled> => done({ rows, jobs, events });

const placeOf = ({ delivery, endpoint, successor }: PlacedDelivery) => ({
  delivery,
  endpoint: endpoint ?? undefined,
  successor: successor ?? undefined,
});

/** An attempt that failed on our side counts like any other, so that it is logged, retried and in the end given up. */
function afterFault(deliver: Job<DeliverJob>, error: Error, places: Places, now: string): Outcome<Settled> {
  const placed = places.get(placeKey(deliver.tenant, deliver.data.deliveryId));
  if (placed === undefined || placed.endpoint === null) return again(deliver);
  const attempt: Attempt = {
    tenant: deliver.tenant,
    deliveryId: deliver.data.deliveryId,
    attempt: deliver.data.attempt,
    startedAt: now,
    latencyMs: 0,
    code: "",
    message: ("publicMessage" in error && typeof error.publicMessage === "string"
      ? error.publicMessage
      : "The attempt failed on our side."
    ).slice(0, 300),
    status: null,
    requestHeaders: "{}",
    responseHeaders: "{}",
    responseBody: "",
    responseTruncated: false,
  };
  return outcome(
    settleAttempt(
      { ...placeOf(placed), endpoint: placed.endpoint },
      { kind: "unanswered", code: "attempt_failed" },
      attempt,
      now,
    ),
  );
}

function again(deliver: Job<DeliverJob>): Outcome<Settled> {
  const { queue, key, data } = deliver;
  return done({ jobs: [{ queue, key, data, ordinal: `after:${deliver.id}`, startAfterSeconds: AGAIN_SECONDS }] });
}
