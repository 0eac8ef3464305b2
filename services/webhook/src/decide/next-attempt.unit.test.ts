import { RETRY_SECONDS, nextAttempt, retryAfterSeconds, spread } from "./next-attempt.ts";

const NOW = "2026-11-22T10:00:00.000Z";
const answered = (status: number, retryAfter: string | null = null) => ({
  kind: "answered" as const,
  status,
  retryAfter,
});

describe("nextAttempt", () => {
  it.each([200, 201, 202, 204, 299])("takes %i for a success", (status) => {
    expect(nextAttempt(answered(status), 1, NOW, 0.5)).toEqual({ do: "delivered" });
  });

  it.each([
    [100, "http_error"],
    [301, "redirect_refused"],
    [307, "redirect_refused"],
    [400, "http_error"],
    [404, "http_error"],
    [500, "http_error"],
  ] as const)("tries again after %i", (status, code) => {
    expect(nextAttempt(answered(status), 1, NOW, 0.5)).toMatchObject({ do: "retry", code, afterSeconds: 5 });
  });

  it("waits as its schedule says, give or take a fifth, over about 28 hours, and then gives up", () => {
    let least = 0;
    let most = 0;
    RETRY_SECONDS.forEach((seconds, n) => {
      for (const [chance, factor] of [
        [0, 0.8],
        [0.5, 1],
        [1, 1.2],
      ] as const)
        expect(nextAttempt(answered(500), n + 1, NOW, chance)).toMatchObject({
          do: "retry",
          afterSeconds: Math.round(seconds * factor),
        });
      least += seconds * 0.8;
      most += seconds * 1.2;
    });
    expect([least, most].map((seconds) => Math.round(seconds / 3_600))).toEqual([22, 33]);
    expect(nextAttempt(answered(500), RETRY_SECONDS.length + 1, NOW, 0.5)).toMatchObject({
      do: "failed",
      code: "http_error",
      gone: false,
    });
  });

  it("ends at once at 410", () => {
    expect(nextAttempt(answered(410), 1, NOW, 0.5)).toMatchObject({ do: "failed", code: "endpoint_gone", gone: true });
  });

  it("honours Retry-After, but never less than the schedule and never more than ten hours", () => {
    expect(nextAttempt(answered(503, "120"), 1, NOW, 0.5)).toMatchObject({ afterSeconds: 120, slowSeconds: 0 });
    expect(nextAttempt(answered(503, "1"), 2, NOW, 0.5)).toMatchObject({ afterSeconds: 300 });
    expect(nextAttempt(answered(503, "999999"), 1, NOW, 0.5)).toMatchObject({ afterSeconds: 36_000 });
  });

  it.each([429, 502, 504])("slows the whole endpoint at %i, for as long as it asks, within an hour", (status) => {
    expect(nextAttempt(answered(status), 1, NOW, 0.5)).toMatchObject({ slowSeconds: 30, afterSeconds: 30 });
    expect(nextAttempt(answered(status, "90"), 1, NOW, 0.5)).toMatchObject({ slowSeconds: 90, afterSeconds: 90 });
    expect(nextAttempt(answered(status, "7200"), 1, NOW, 0.5)).toMatchObject({
      slowSeconds: 3_600,
      afterSeconds: 7_200,
    });
  });

  it("keeps the reason why there was no answer", () => {
    expect(nextAttempt({ kind: "unanswered", code: "timed_out" }, 1, NOW, 0)).toEqual({
      do: "retry",
      code: "timed_out",
      afterSeconds: 4,
      slowSeconds: 0,
    });
  });
});

describe("retryAfterSeconds", () => {
  it.each([
    ["0", 0],
    ["7", 7],
    ["Sun, 22 Nov 2026 10:01:00 GMT", 60],
    ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
    ["soon", undefined],
    ["-5", undefined],
    ["1e9", undefined],
    ["", undefined],
  ] as const)("reads %j as %j", (header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds);
  });
});

describe("spread", () => {
  it("is the same for the same attempt, and spreads over others", () => {
    const values = Array.from({ length: 1_000 }, (_, n) => spread(`dlv_${n}:1`));
    expect(spread("dlv_1:1")).toBe(values[1]);
    expect(Math.min(...values)).toBeLessThan(0.05);
    expect(Math.max(...values)).toBeGreaterThan(0.95);
  });
});
