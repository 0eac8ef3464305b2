import { createHmac } from "node:crypto";
import type { AnyJobStep, NewJob, Outcome } from "@opsdesk/messaging";
import type { Sent } from "./clients/sender.ts";
import { standardSigner } from "./clients/signer.ts";
import { type Delivery, DELIVER_QUEUE, type DeliverJob, type NewDelivery } from "./decide/delivery.ts";
import { type Audience, type Told, afterTold, deliverEvent, laneKey } from "./decide/deliver-event.ts";
import type { Endpoint } from "./decide/endpoint.ts";
import type { Occurrence } from "./decide/new-delivery.ts";
import type { Settled } from "./decide/settle-attempt.ts";
import { webhookDeliver } from "./jobs/webhook-deliver.ts";
import { placeKey } from "./store/deliveries.ts";

const SECRET = Buffer.alloc(32, 3);
const SEALED = "the sealed secret";
const TENANT = "it-helpdesk";
const START = Date.parse("2026-11-20T08:00:00Z");
const HOUR = 3_600_000;
/** Receivers have recovered by then, so that what can be delivered is. */
const FAULTS_END = START + 20 * HOUR;

/** The same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Receipt {
  readonly endpointId: string;
  readonly deliveryId: string;
  readonly at: number;
  readonly body: string;
  readonly signed: boolean;
}

export interface Outcomes {
  readonly deliveries: readonly NewDelivery[];
  readonly receipts: readonly Receipt[];
  /** Events that endpoints had subscribed to, by endpoint. */
  readonly expected: ReadonlyMap<string, number>;
  /** Times that the simulator made an attempt be repeated: a crash after it, or two runners of one job. */
  readonly repeats: ReadonlyMap<string, number>;
  readonly attemptsLogged: ReadonlyMap<string, number>;
  readonly told: readonly { type: string; deliveryId: string | undefined }[];
  readonly conflicts: number;
}

const endpoint = (n: number): Endpoint => ({
  tenant: TENANT,
  endpointId: `whe_${n}`,
  name: `endpoint-${n}`,
  url: `https://e${n}.example/hook`,
  ownerId: "priya",
  contact: "ops",
  teamId: null,
  events: n === 0 ? ["*"] : ["reply.sent", "ticket.changed"],
  origin: "http",
  status: "enabled",
  disabledReason: null,
  disabledDetail: null,
  failingSince: null,
  slowUntil: null,
  sequence: 0,
  version: 1,
  createdAt: new Date(START).toISOString(),
  updatedAt: new Date(START).toISOString(),
});

/**
 * A world of one seed: events, redeliveries, writers that meet, crashed and doubled runners, and receivers that fail
 * in every way, by a virtual clock. Only time, chance and the store are simulated; the decisions and the job are real.
 */
export async function simulate(seed: number): Promise<Outcomes> {
  const random = chance(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const agenda: { at: number; order: number; run: () => void | Promise<void> }[] = [];
  let order = 0;
  let now = START;
  const at = (time: number, run: () => void | Promise<void>): void => {
    agenda.push({ at: time, order: (order += 1), run });
  };

  const endpoints = new Map([0, 1, 2].map((n) => [`whe_${n}`, endpoint(n)]));
  const deliveries = new Map<string, NewDelivery>();
  const receipts: Receipt[] = [];
  const expected = new Map<string, number>();
  const repeats = new Map<string, number>();
  const attemptsLogged = new Map<string, number>();
  const told: { type: string; deliveryId: string | undefined }[] = [];
  const claimed = new Set<string>();
  const jobsDone = new Set<string>();
  /** Attempts that a runner has made and not yet written, by runner and job. */
  const unwritten = new Map<string, string>();
  let jobs = 0;
  let conflicts = 0;
  let clock = START;

  const sign = standardSigner({ seal: () => SEALED, open: () => `whsec_${SECRET.toString("base64")}` });
  /** Never more of one kind than a receiver would show: `harshness` is drawn once for each endpoint. */
  const harshness = new Map([...endpoints.keys()].map((id) => [id, random()]));
  const diesAt = random() < 0.15 ? START + random() * 10 * HOUR : Number.POSITIVE_INFINITY;

  function receive(endpointId: string, headers: Readonly<Record<string, string>>, body: string): Sent {
    const latencyMs = Math.round(random() * 12_000);
    const id = headers["webhook-id"] ?? "";
    const mac = createHmac("sha256", SECRET).update(`${id}.${headers["webhook-timestamp"]}.${body}`).digest("base64");
    const taken = (): void =>
      void receipts.push({
        endpointId,
        deliveryId: id,
        at: clock,
        body,
        signed: headers["webhook-signature"] === `v1,${mac}`,
      });
    const answered = (status: number, more: Record<string, string> = {}): Sent => ({
      kind: "answered",
      status,
      headers: more,
      body: "",
      truncated: false,
      latencyMs,
    });
    if (endpointId === "whe_2" && clock >= diesAt) return answered(410);
    const fails = clock < FAULTS_END && random() < (harshness.get(endpointId) ?? 0) * 0.7;
    if (!fails) {
      taken();
      return answered(pick([200, 201, 204]));
    }
    switch (Math.floor(random() * 7)) {
      case 0:
        return answered(500);
      case 1:
        return answered(429, { "retry-after": String(Math.floor(random() * 200)) });
      case 2:
        return answered(pick([502, 504]));
      case 3:
        return answered(302, { location: "http://169.254.169.254/" });
      case 4:
        return { kind: "unanswered", code: "connection_failed", message: "refused", latencyMs };
      default:
        // The receiver has it, and its answer is lost.
        taken();
        return { kind: "unanswered", code: pick(["timed_out", "connection_failed"]), message: "lost", latencyMs };
    }
  }

  const runner = (): AnyJobStep =>
    webhookDeliver({
      sender: {
        send: ({ endpointId, headers, body }) => {
          const sent = receive(endpointId, headers, body);
          clock += sent.latencyMs;
          return Promise.resolve(sent);
        },
        close: () => Promise.resolve(),
      },
      sign,
      clock: { now: () => clock },
      deadlineMs: 15_000,
    });
  const runners = [runner(), runner()];

  const send = (list: readonly NewJob[]): void => {
    for (const { queue, data, startAfterSeconds = 0 } of list) {
      if (queue !== DELIVER_QUEUE) throw new Error(`no queue ${queue}`);
      const id = `job-${(jobs += 1)}`;
      // As @opsdesk/messaging does, jobs of a delivery may be run twice: from memory and by a crash timer.
      const start = now + startAfterSeconds * 1_000;
      at(start, () => runJob(id, data as DeliverJob, Math.floor(random() * 2)));
      if (random() < 0.05) at(start + random() * 60_000, () => runJob(id, data as DeliverJob, 1));
    }
  };

  function audience(): Audience {
    const list = [...endpoints.values()];
    const lastIds = new Map<string, string>();
    for (const one of [...deliveries.values()].sort((a, b) => a.sequence - b.sequence))
      lastIds.set(laneKey(one.endpointId, one.lane), one.deliveryId);
    return { endpoints: list, lastIds, loaded: new Map(list.map((one) => [one.endpointId, one.sequence])) };
  }

  /** Load, decide, and write a while later if nobody else has numbered a delivery meanwhile. */
  function handle(events: readonly Occurrence[]): void {
    let loaded = audience();
    const rows: Told[] = [];
    const sent: NewJob[] = [];
    const fresh = events.filter(
      (event, n) => !claimed.has(event.id) && events.findIndex((other) => other.id === event.id) === n,
    );
    for (const event of fresh) {
      const outcome = deliverEvent(event, loaded, new Date(now).toISOString());
      if (outcome.outcome !== "done" || outcome.effects.rows === undefined)
        throw new Error("every event has an endpoint");
      rows.push(outcome.effects.rows);
      sent.push(...(outcome.effects.jobs ?? []));
      loaded = afterTold(loaded, outcome.effects.rows);
    }
    at(now + random() * 50, () => {
      const held = rows.every((row) =>
        row.counters.every((counter) => endpoints.get(counter.endpointId)?.sequence === counter.loaded),
      );
      if (!held || fresh.some((event) => claimed.has(event.id))) {
        conflicts += 1;
        return handle(events);
      }
      for (const event of fresh) claimed.add(event.id);
      for (const row of rows) {
        for (const delivery of row.deliveries) {
          deliveries.set(delivery.deliveryId, delivery);
          expected.set(delivery.endpointId, (expected.get(delivery.endpointId) ?? 0) + 1);
        }
        for (const { endpointId, sequence } of row.counters) change(endpointId, { sequence });
      }
      send(sent);
    });
  }
  const change = (endpointId: string, fields: Partial<Endpoint>): void => {
    const known = endpoints.get(endpointId);
    if (known !== undefined) endpoints.set(endpointId, { ...known, ...fields });
  };

  function load({ deliveryId }: DeliverJob): ReadonlyMap<string, unknown> {
    const delivery = deliveries.get(deliveryId);
    if (delivery === undefined) return new Map();
    const { body, ...row } = delivery;
    const bare = (one: NewDelivery | undefined): Delivery | null => {
      if (one === undefined) return null;
      const { body: _, ...kept } = one;
      return kept;
    };
    const successor = [...deliveries.values()].find((one) => one.previousId === deliveryId);
    const place = {
      delivery: row,
      body,
      endpoint: endpoints.get(row.endpointId) ?? null,
      secrets: [{ secretId: "s", sealed: SEALED, expiresAt: null }],
      predecessor: bare(deliveries.get(row.previousId ?? "")),
      successor: bare(successor),
    };
    return new Map([[placeKey(TENANT, deliveryId), place]]);
  }

  async function runJob(id: string, data: DeliverJob, n: number): Promise<void> {
    if (jobsDone.has(id)) return repeated(`${n} ${id}`);
    const step = runners[n] as AnyJobStep;
    clock = now;
    const before = receipts.length;
    const job = {
      id,
      queue: DELIVER_QUEUE,
      key: "",
      data,
      tenant: TENANT,
      correlationId: "c",
      causationId: "e",
      subject: undefined,
      traceparent: undefined,
      root: id,
      attempt: 0,
    };
    const outcome = (await step.run(job, load(data), {
      now: new Date(now).toISOString(),
      signal: new AbortController().signal,
    })) as Outcome<Settled>;
    const took = clock - now;
    if (receipts.length > before) unwritten.set(`${n} ${id}`, data.deliveryId);
    if (random() < 0.04) {
      // The process dies before it has written what came of it; its memory goes with it, of other jobs too.
      for (const key of unwritten.keys()) if (key.startsWith(`${n} `)) repeated(key);
      runners[n] = runner();
      at(now + took + 40_000, () => runJob(id, data, n));
      return;
    }
    at(now + took, () => commit(id, data, n, outcome));
  }

  /** An attempt that nobody will write: another must be made, or has been. */
  function repeated(key: string): void {
    const deliveryId = unwritten.get(key);
    if (deliveryId !== undefined) repeats.set(deliveryId, (repeats.get(deliveryId) ?? 0) + 1);
    unwritten.delete(key);
  }

  function commit(id: string, data: DeliverJob, n: number, outcome: Outcome<Settled>): void {
    if (jobsDone.has(id)) return repeated(`${n} ${id}`);
    if (outcome.outcome === "ignore") {
      jobsDone.add(id);
      return repeated(`${n} ${id}`);
    }
    if (outcome.outcome !== "done" || outcome.effects.rows === undefined)
      throw new Error(`a job answered ${outcome.outcome}`);
    const { rows, jobs: next, events } = outcome.effects;
    const held = rows.deliveries.every((row) => deliveries.get(row.deliveryId)?.version === row.loadedVersion);
    const disable = rows.health?.disable ?? null;
    if (
      !held ||
      (disable !== null && endpoints.get(rows.health?.endpointId ?? "")?.version !== disable.loadedVersion)
    ) {
      conflicts += 1;
      return at(now + 5, () => runJob(id, data, n));
    }
    jobsDone.add(id);
    unwritten.delete(`${n} ${id}`);
    for (const { loadedVersion: _, ...row } of rows.deliveries) {
      const known = deliveries.get(row.deliveryId);
      if (known !== undefined) deliveries.set(row.deliveryId, { ...known, ...row });
    }
    if (rows.attempt !== null) attemptsLogged.set(data.deliveryId, (attemptsLogged.get(data.deliveryId) ?? 0) + 1);
    if (rows.health !== null) {
      const { endpointId, failingSince, slowUntil } = rows.health;
      const known = endpoints.get(endpointId);
      change(endpointId, {
        failingSince,
        slowUntil,
        ...(disable === null || known === undefined
          ? {}
          : { status: "disabled", disabledReason: disable.reason, version: known.version + 1 }),
      });
    }
    for (const { type, data: about } of events ?? [])
      told.push({ type, deliveryId: (about as { deliveryId?: string }).deliveryId });
    send(next ?? []);
  }

  const events: Occurrence[] = Array.from({ length: 6 + Math.floor(random() * 14) }, (_, n) => {
    const ticketId = `tkt_${Math.floor(random() * 4)}`;
    return {
      id: `evt-${seed}-${n}`,
      type: pick(["reply.sent", "ticket.changed", "ai.draft.retired"]),
      tenant: TENANT,
      time: new Date(START).toISOString(),
      correlationId: "c",
      data: { ticketId },
    };
  });
  for (let first = 0; first < events.length;) {
    const batch = events.slice(first, (first += 1 + Math.floor(random() * 4)));
    const when = START + random() * (random() < 0.5 ? 100 : 8 * HOUR);
    at(when, () => handle(batch));
    if (random() < 0.3) at(when + random() * HOUR, () => handle(batch));
  }

  for (let steps = 0; agenda.length > 0; steps += 1) {
    if (steps > 20_000) throw new Error(`seed ${seed} never ends`);
    agenda.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = agenda.shift();
    if (next === undefined) break;
    now = next.at;
    await next.run();
  }
  return { deliveries: [...deliveries.values()], receipts, expected, repeats, attemptsLogged, told, conflicts };
}
