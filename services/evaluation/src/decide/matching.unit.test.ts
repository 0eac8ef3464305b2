import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { aDesk, anAwaited, aReview, NOW } from "../testing/fixtures.ts";
import { awaitedKey, wantedOf, whenAwaited, withAwaited } from "./awaited.ts";
import { recordAnswer } from "./record-answer.ts";
import { recordReply } from "./record-reply.ts";

const arrival = (tenantid: string, correlationid = "correlation-1") => ({ tenantid, correlationid });
const scenarios = new Map([[awaitedKey(anAwaited()), anAwaited()]]);
const named = (tenantid: string, correlationid?: string) =>
  whenAwaited(arrival(tenantid, correlationid), scenarios, ({ scenarioId }) => ({
    outcome: "done",
    effects: { rows: scenarioId },
  }));

const gated = (changes: Partial<Envelope> = {}): Envelope<AiDraftReviewRequired> => ({
  specversion: "1.0",
  id: "event-1",
  source: "/opsdesk/safety-gate",
  type: "ai.draft.review_required",
  schemaversion: "1.0",
  time: "2026-11-20T09:00:01.500Z",
  datacontenttype: "application/json",
  correlationid: "correlation-1",
  idempotencykey: "key-1",
  tenantid: "it-helpdesk~eval",
  ...changes,
  data: aReview(),
});

describe("matching", () => {
  it("looks nothing up for real tenants", () => {
    expect(wantedOf([arrival("it-helpdesk"), arrival("other")])).toEqual([]);
    expect(wantedOf([arrival("it-helpdesk"), arrival("it-helpdesk~eval")])).toEqual([
      { tenant: "it-helpdesk", correlationId: "correlation-1" },
    ]);
  });

  it("matches an event of the shadow by its correlation, and nothing else", () => {
    expect(named("it-helpdesk~eval")).toMatchObject({ effects: { rows: "wifi-drops" } });
    expect(named("it-helpdesk")).toEqual({ outcome: "ignore", reason: "real_tenant", reply: undefined });
    expect(named("other~eval")).toMatchObject({ outcome: "ignore", reason: "nothing_awaits_it" });
    expect(named("it-helpdesk~eval", "correlation-2")).toMatchObject({
      outcome: "ignore",
      reason: "nothing_awaits_it",
    });
  });

  it("takes the first disposition and measures it from the submission", () => {
    const outcome = recordAnswer(anAwaited(), gated(), "review_required", aDesk());
    expect(outcome).toMatchObject({
      outcome: "done",
      effects: {
        rows: {
          disposition: "review_required",
          latencyMs: 1_500,
          ticketId: "tkt_1",
          answeredAt: "2026-11-20T09:00:01.500Z",
        },
        jobs: [{ queue: "agent.score", key: "evl_1", data: { tenant: "it-helpdesk", runId: "evl_1" } }],
      },
    });
  });

  it("lets a second answer of the same batch find the first", () => {
    const first = recordAnswer(anAwaited(), gated(), "review_required", aDesk());
    if (first.outcome !== "done" || first.effects.rows === undefined) throw new Error("the first answer was not taken");
    const after = withAwaited(scenarios, first.effects.rows.scenario).get(awaitedKey(anAwaited()));
    expect(recordAnswer(after!, gated({ id: "event-2" }), "auto_approved", aDesk())).toMatchObject({
      outcome: "ignore",
      reason: "already_answered",
    });
  });

  it("never measures less than nothing where clocks disagree", () =>
    expect(
      recordAnswer(
        anAwaited({ submittedAt: NOW }),
        gated({ time: "2026-11-20T08:59:59.000Z" }),
        "review_required",
        undefined,
      ),
    ).toMatchObject({ effects: { rows: { latencyMs: 0 } } }));

  it("takes a reply before the gate's word, and only the first", () => {
    const reply = { outcome: "sent", carrier: "capture", text: "Hello" } as const;
    expect(recordReply(anAwaited(), reply)).toMatchObject({
      effects: { rows: { outcome: "sent", scenario: { replyOutcome: "sent" } }, jobs: [{ queue: "agent.score" }] },
    });
    expect(recordReply(anAwaited({ replyOutcome: "failed" }), reply)).toMatchObject({
      outcome: "ignore",
      reason: "reply_already_known",
    });
  });

  it("lets what left or failed outweigh that a draft was retired, and not the other way round", () => {
    const reply = { outcome: "sent", carrier: "capture", text: "Hello" } as const;
    const retired = { outcome: "retired", carrier: null, text: null } as const;
    expect(recordReply(anAwaited({ replyOutcome: "retired" }), reply)).toMatchObject({ outcome: "done" });
    expect(recordReply(anAwaited({ replyOutcome: "retired" }), retired)).toMatchObject({ outcome: "ignore" });
    expect(recordReply(anAwaited({ replyOutcome: "sent" }), retired)).toMatchObject({ outcome: "ignore" });
  });
});
