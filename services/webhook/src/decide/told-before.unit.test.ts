import type { Envelope } from "@opsdesk/schemas/envelope";
import { toldBefore } from "./told-before.ts";

const fact = (type: string, time: string, data: unknown): Envelope => ({ type, time, data }) as unknown as Envelope;

describe("what was told before a slice was lost", () => {
  it("is how each delivery ended, the newest end of one that was replayed, and nothing of other events", () => {
    const told = toldBefore([
      fact("webhook.failed", "2026-01-01T00:00:00Z", { deliveryId: "a", attempts: 3, status: 500, code: "gave_up" }),
      fact("webhook.delivered", "2026-01-02T00:00:00Z", { deliveryId: "a", attempts: 4, status: 200 }),
      fact("webhook.failed", "2026-01-01T00:00:00Z", { deliveryId: "b", attempts: 1, status: null, code: "gone" }),
      fact("webhook.endpoint_disabled", "2026-01-01T00:00:00Z", { endpointId: "c" }),
    ]);
    expect([...told]).toEqual([
      ["a", { state: "delivered", attempts: 4, lastStatus: 200, lastCode: "delivered", at: "2026-01-02T00:00:00Z" }],
      ["b", { state: "failed", attempts: 1, lastStatus: null, lastCode: "gone", at: "2026-01-01T00:00:00Z" }],
    ]);
  });
});
