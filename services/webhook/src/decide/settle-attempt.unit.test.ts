import { checkProduced } from "@opsdesk/schemas";
import { type Attempt, chainHolds } from "./attempt-log.ts";
import { NOW, aDelivery, anEndpoint } from "./endpoint.fixture.ts";
import { giveUp, settleAttempt, waitBehind } from "./settle-attempt.ts";
import { startAttempt } from "./start-attempt.ts";

const anAttempt = (change: Partial<Attempt> = {}): Attempt => ({
  tenant: "it-helpdesk",
  deliveryId: "dlv_1",
  attempt: 1,
  startedAt: NOW,
  latencyMs: 12,
  code: "",
  message: "It answered.",
  status: 200,
  requestHeaders: "{}",
  responseHeaders: "{}",
  responseBody: "ok",
  responseTruncated: false,
  ...change,
});
const place = { delivery: aDelivery(), endpoint: anEndpoint(), successor: undefined };
const ok = { kind: "answered" as const, status: 200, retryAfter: null };
const failed = { kind: "answered" as const, status: 500, retryAfter: null };
const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * 86_400_000).toISOString();

describe("settleAttempt", () => {
  it("ends a delivery that succeeded, tells of it, and starts the one that waited for it", () => {
    const successor = aDelivery({ deliveryId: "dlv_2", previousId: "dlv_1", state: "waiting", version: 3 });
    const { rows, jobs, events } = settleAttempt({ ...place, successor }, ok, anAttempt(), NOW);
    expect(rows.deliveries).toMatchObject([
      { deliveryId: "dlv_1", state: "delivered", attempts: 1, finishedAt: NOW, version: 2, loadedVersion: 1 },
      { deliveryId: "dlv_2", state: "due", version: 4, loadedVersion: 3 },
    ]);
    expect(jobs).toMatchObject([
      { queue: "webhook.deliver", key: "whe_1:tkt_1", data: { deliveryId: "dlv_2", attempt: 1 } },
    ]);
    expect(events.map(({ type }) => type)).toEqual(["webhook.delivered"]);
    for (const { type, data } of events) expect(checkProduced(type, data)).toEqual([]);
    expect(rows.health).toBeNull();
  });

  it("leaves a successor alone that is on its way by itself", () => {
    const { rows, jobs } = settleAttempt(
      { ...place, successor: aDelivery({ deliveryId: "dlv_2" }) },
      ok,
      anAttempt(),
      NOW,
    );
    expect([rows.deliveries.length, jobs.length]).toEqual([1, 0]);
  });

  it("sends the next attempt as a job of its own, and says nothing yet", () => {
    const { rows, jobs, events } = settleAttempt(place, failed, anAttempt({ status: 500 }), NOW);
    expect(rows.deliveries).toMatchObject([
      { state: "due", attempts: 1, tries: 1, lastStatus: 500, lastCode: "http_error", finishedAt: null },
    ]);
    expect(jobs).toMatchObject([{ data: { deliveryId: "dlv_1", attempt: 2 }, startAfterSeconds: expect.any(Number) }]);
    expect(events).toEqual([]);
    expect(rows.health).toMatchObject({ failingSince: NOW, disable: null });
  });

  it("tells of a delivery that failed for good, and lets the next one go", () => {
    const spent = aDelivery({ attempts: 7, tries: 7 });
    const { rows, jobs, events } = settleAttempt(
      { ...place, delivery: spent, successor: aDelivery({ deliveryId: "dlv_2", state: "waiting" }) },
      failed,
      anAttempt({ attempt: 8, status: 500 }),
      NOW,
    );
    expect(rows.deliveries[0]).toMatchObject({ state: "failed", attempts: 8 });
    expect(events).toMatchObject([{ type: "webhook.failed", data: { code: "http_error", status: 500, attempts: 8 } }]);
    for (const { type, data } of events) expect(checkProduced(type, data)).toEqual([]);
    expect(jobs).toHaveLength(1);
  });

  it("disables an endpoint at 410, and one that has failed for five days, each with its reason", () => {
    const gone = settleAttempt(place, { ...failed, status: 410 }, anAttempt({ status: 410 }), NOW);
    expect(gone.events.map(({ type }) => type)).toEqual(["webhook.failed", "webhook.endpoint_disabled"]);
    expect(gone.rows.health?.disable).toMatchObject({ reason: "gone", loadedVersion: 2 });
    const ill = (since: string) =>
      settleAttempt(
        { ...place, endpoint: anEndpoint({ failingSince: since }) },
        failed,
        anAttempt({ status: 500 }),
        NOW,
      );
    expect(ill(daysAgo(4.9)).rows.health).toMatchObject({ failingSince: daysAgo(4.9), disable: null });
    expect(ill(daysAgo(5)).rows.health?.disable).toMatchObject({ reason: "failing" });
    for (const { type, data } of ill(daysAgo(6)).events) expect(checkProduced(type, data)).toEqual([]);
  });

  it("says once that an endpoint is disabled: not when it already is", () => {
    const { rows, events } = settleAttempt(
      { ...place, endpoint: anEndpoint({ status: "disabled" }) },
      { ...failed, status: 410 },
      anAttempt({ status: 410 }),
      NOW,
    );
    expect(rows.health?.disable).toBeNull();
    expect(events.map(({ type }) => type)).toEqual(["webhook.failed"]);
  });

  it("forgets an endpoint's trouble at its first success", () => {
    const ill = anEndpoint({ failingSince: daysAgo(1), slowUntil: daysAgo(0.5) });
    expect(settleAttempt({ ...place, endpoint: ill }, ok, anAttempt(), NOW).rows.health).toMatchObject({
      failingSince: null,
      slowUntil: null,
    });
  });

  it("chains attempts, so that a changed or missing one shows, and an erased one does not", () => {
    const first = settleAttempt(place, failed, anAttempt({ status: 500 }), NOW).rows;
    const [after] = first.deliveries;
    const second = settleAttempt(
      { ...place, delivery: after ?? place.delivery },
      ok,
      anAttempt({ attempt: 2 }),
      NOW,
    ).rows;
    const log = [first.attempt, second.attempt].flatMap((one) => (one === null ? [] : [one]));
    const last = second.deliveries[0]?.lastHash ?? null;
    expect(chainHolds(log, last)).toBe(true);
    expect(
      chainHolds(
        log.map((one) => ({ ...one, requestHeaders: "", responseHeaders: "", responseBody: "" })),
        last,
      ),
    ).toBe(true);
    expect(
      chainHolds(
        log.map((one) => ({ ...one, responseBody: "fine" })),
        last,
      ),
    ).toBe(false);
    expect(
      chainHolds(
        log.map((one) => ({ ...one, status: 204 })),
        last,
      ),
    ).toBe(false);
    expect(chainHolds(log.slice(0, 1), last)).toBe(false);
    expect(chainHolds(log.slice(1), last)).toBe(false);
  });
});

describe("giveUp and waitBehind", () => {
  it("ends without an attempt, in an event that keeps its contract", () => {
    const { rows, events } = giveUp(place, "endpoint_disabled", "The endpoint is disabled.", NOW);
    expect(rows.attempt).toBeNull();
    for (const { type, data } of events) expect(checkProduced(type, data)).toEqual([]);
  });

  it("moves the predecessor too, so that whoever ends it at this moment sees who waits", () => {
    expect(waitBehind(aDelivery({ deliveryId: "dlv_2" }), aDelivery()).rows.deliveries).toMatchObject([
      { deliveryId: "dlv_2", state: "waiting" },
      { deliveryId: "dlv_1", state: "due", version: 2, loadedVersion: 1 },
    ]);
  });
});

describe("startAttempt", () => {
  const start = (
    delivery = aDelivery(),
    endpoint = anEndpoint(),
    predecessor = undefined as ReturnType<typeof aDelivery> | undefined,
    attempt = 1,
  ) => startAttempt(delivery, endpoint, predecessor, attempt, NOW);

  it("sends when nothing stands against it", () => expect(start()).toEqual({ do: "send" }));
  it("makes no attempt twice, and none that is no longer wanted", () => {
    expect(start(aDelivery({ attempts: 1 }))).toEqual({ do: "skip", reason: "attempt_superseded" });
    expect(start(aDelivery({ state: "delivered" }))).toEqual({ do: "skip", reason: "already_delivered" });
    expect(startAttempt(undefined, anEndpoint(), undefined, 1, NOW)).toEqual({
      do: "skip",
      reason: "delivery_unknown",
    });
  });
  it.each(["due", "waiting"] as const)("waits for a predecessor that is %s", (state) =>
    expect(start(aDelivery(), anEndpoint(), aDelivery({ state }))).toEqual({ do: "wait" }),
  );
  it.each(["delivered", "failed", "held"] as const)("does not wait for one that is %s", (state) =>
    expect(start(aDelivery(), anEndpoint(), aDelivery({ state }))).toEqual({ do: "send" }),
  );
  it("leaves an endpoint the time that it asked for", () => {
    expect(start(aDelivery(), anEndpoint({ slowUntil: "2026-11-22T10:00:09.500Z" }))).toEqual({
      do: "later",
      afterSeconds: 10,
    });
    expect(start(aDelivery(), anEndpoint({ slowUntil: NOW }))).toEqual({ do: "send" });
  });
  it("fails where there is nobody to call any more", () => {
    expect(start(aDelivery(), anEndpoint({ status: "disabled" }))).toMatchObject({
      do: "fail",
      code: "endpoint_disabled",
    });
    expect(start(aDelivery(), anEndpoint({ status: "deleted" }))).toMatchObject({
      do: "fail",
      code: "endpoint_deleted",
    });
  });
});
