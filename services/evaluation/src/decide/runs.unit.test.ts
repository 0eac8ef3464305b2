import { checkProduced } from "@opsdesk/schemas";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { Desk } from "@opsdesk/schemas/desk";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { aDesk, anObservation, aScenario, NOW } from "../testing/fixtures.ts";
import { abandonRun, finishRun, type RunToFinish } from "./finish-run.ts";
import { externalIdOf, senderOf } from "./ids.ts";
import type { ScenarioResult } from "./score.ts";
import { startRun } from "./start-run.ts";
import { type RunToSubmit, submitScenarios } from "./submit-scenarios.ts";

const command = (
  data: Partial<AdminCommandSubmitted> = {},
  tenantid = "it-helpdesk",
): Envelope<AdminCommandSubmitted> => ({
  specversion: "1.0",
  id: "event-1",
  source: "key:key-tests",
  type: "admin.command_submitted",
  schemaversion: "1.0",
  time: NOW,
  datacontenttype: "application/json",
  correlationid: "correlation-0",
  idempotencykey: "key-1",
  tenantid,
  data: { actor: { kind: "system", id: "key-tests" }, target: "prompt", command: "evaluate", arguments: {}, ...data },
});
const started = (data: Partial<AdminCommandSubmitted> = {}, desk: Desk = aDesk(), tenant = "it-helpdesk") =>
  startRun(command(data, tenant), new Map([[tenant, { version: 7, desk }]]), { now: NOW, deadlineSeconds: 60 });

describe("startRun", () => {
  it("takes every scenario of the desk, by its version, with a deadline", () => {
    const outcome = started();
    expect(outcome).toMatchObject({
      outcome: "done",
      effects: {
        rows: {
          tenant: "it-helpdesk",
          deskVersion: 7,
          deadlineAt: "2026-11-20T09:01:00.000Z",
          scenarios: [{ scenarioId: "wifi-drops" }, { scenarioId: "password" }, { scenarioId: "injection" }],
        },
        jobs: [
          { queue: "agent.evaluate" },
          { queue: "agent.score", startAfterSeconds: 60, data: { end: "scenario_timeout" } },
        ],
      },
    });
  });

  it("makes the same run of the same request, and another one of another", () => {
    expect(started()).toEqual(started());
    const other = startRun(
      { ...command(), source: "key:other" },
      new Map([["it-helpdesk", { version: 7, desk: aDesk() }]]),
      { now: NOW, deadlineSeconds: 60 },
    );
    expect(other).not.toEqual(started());
  });

  it.each([
    ["scenario_unknown", { arguments: { scenarioIds: ["wifi-drops", "nobody"] } }],
    ["command_invalid", { arguments: { scenarioIds: [] } }],
    ["command_invalid", { arguments: { scenarioIds: "wifi-drops" } }],
    ["command_invalid", { arguments: { scenarioIds: [7] } }],
    ["command_unknown", { command: "publish" }],
    ["command_unknown", { target: "rollout" }],
    ["not_allowed", { actor: { kind: "person", id: "priya" } }],
    ["not_allowed", { actor: { kind: "person", id: "stranger" } }],
  ] as const)("refuses with %s, and says so to whoever asked", (code, data) => {
    const outcome = started(data);
    expect(outcome).toMatchObject({
      outcome: "reject",
      code,
      events: [{ type: "command.refused", data: { code, commandId: "event-1" } }],
    });
    expect(outcome.outcome === "reject" && checkProduced("command.refused", outcome.events[0]?.data)).toEqual([]);
  });

  it("refuses a desk without scenarios, and a shadow", () => {
    expect(started({}, aDesk({ scenarios: [] }))).toMatchObject({ outcome: "reject", code: "scenarios_missing" });
    expect(started({}, aDesk(), "it-helpdesk~eval")).toMatchObject({ outcome: "reject", code: "not_allowed" });
  });

  it("leaves other owners' commands alone, and waits for a desk that it overtook", () => {
    expect(started({ target: "policy", command: "auto_send_off" })).toMatchObject({
      outcome: "ignore",
      reason: "not_for_evaluation",
    });
    expect(startRun(command(), new Map(), { now: NOW, deadlineSeconds: 60 })).toMatchObject({
      outcome: "defer",
      waiting: { until: "desk:it-helpdesk" },
    });
  });
});

const toSubmit = (changes: Partial<RunToSubmit> = {}): RunToSubmit => ({
  tenant: "it-helpdesk",
  runId: "evl_1",
  status: "queued",
  deskVersion: 7,
  scenarios: [aScenario(), aScenario({ id: "password" })].map((scenario) => ({
    correlationId: `correlation-${scenario.id}`,
    scenario,
  })),
  ...changes,
});

describe("submitScenarios", () => {
  it("writes to the shadow as a customer of its own, never with anyone's address", () => {
    const outcome = submitScenarios(toSubmit(), 7, NOW);
    if (outcome.outcome !== "done") throw new Error(outcome.outcome);
    const events = outcome.effects.events ?? [];
    expect(events.map(({ tenant, correlationId, ordinal }) => [tenant, correlationId, ordinal])).toEqual([
      ["it-helpdesk~eval", "correlation-wifi-drops", "wifi-drops"],
      ["it-helpdesk~eval", "correlation-password", "password"],
    ]);
    for (const { data } of events) expect(checkProduced("enquiry.submitted", data)).toEqual([]);
    // Built by the function under test from typed data.
    const enquiries = events.map(({ data }) => data as EnquirySubmitted);
    expect(enquiries.map(({ externalId }) => externalId)).toEqual(["evl_1:wifi-drops", "evl_1:password"]);
    expect(new Set(enquiries.map(({ from }) => from.email)).size).toBe(2);
    expect(JSON.stringify(events)).not.toContain("maya@harbour.example");
  });

  it("has another customer for the same scenario of another run", () =>
    expect(senderOf("evl_1", "a")).not.toBe(senderOf("evl_2", "a")));

  it("keeps an external id within its limit", () => {
    expect(externalIdOf("evl_1", "x".repeat(200))).toHaveLength("evl_1:".length + 64);
    expect(externalIdOf("evl_1", "x".repeat(200))).not.toBe(externalIdOf("evl_1", "y".repeat(200)));
  });

  it("waits until the shadow's desk is as new as the run's", () => {
    expect(submitScenarios(toSubmit(), undefined, NOW)).toMatchObject({
      outcome: "defer",
      reason: "shadow_not_configured",
    });
    expect(submitScenarios(toSubmit(), 6, NOW)).toMatchObject({ outcome: "defer", reason: "shadow_not_configured" });
  });

  it("submits a run once", () => {
    expect(submitScenarios(toSubmit({ status: "running" }), 7, NOW)).toMatchObject({
      outcome: "ignore",
      reason: "run_running",
    });
    expect(submitScenarios(toSubmit({ status: "completed" }), 7, NOW)).toMatchObject({ outcome: "ignore" });
    expect(submitScenarios(undefined, 7, NOW)).toMatchObject({ outcome: "ignore", reason: "run_unknown" });
  });
});

const result = (changes: Partial<ScenarioResult> = {}): ScenarioResult => ({
  scenario: aScenario(),
  disposition: "review_required",
  observation: anObservation(),
  reply: null,
  latencyMs: 100,
  costMicros: 0,
  ...changes,
});
const toFinish = (changes: Partial<RunToFinish> = {}): RunToFinish => ({
  tenant: "it-helpdesk",
  runId: "evl_1",
  status: "running",
  correlationId: "correlation-0",
  requestedAt: NOW,
  deadlineAt: "2026-11-20T09:05:00.000Z",
  submittedAt: NOW,
  pending: 0,
  results: [result()],
  ...changes,
});
const WORK = { tenant: "it-helpdesk", runId: "evl_1" };
const DEADLINE = { ...WORK, end: "scenario_timeout" } as const;
const unanswered = result({
  scenario: aScenario({ id: "late" }),
  disposition: null,
  observation: null,
  latencyMs: null,
});

describe("finishRun", () => {
  it("tells the real tenant, under the run's own correlation, whoever of the shadow was last", () => {
    const outcome = finishRun(WORK, toFinish(), NOW);
    expect(outcome).toMatchObject({
      outcome: "done",
      effects: {
        rows: { status: "completed", passed: 1, unanswered: [], unreplied: [] },
        events: [
          { type: "evaluation.completed", tenant: "it-helpdesk", key: "it-helpdesk", correlationId: "correlation-0" },
        ],
      },
    });
    expect(
      outcome.outcome === "done" && checkProduced("evaluation.completed", outcome.effects.events?.[0]?.data),
    ).toEqual([]);
  });

  it("does not end while something is out", () =>
    expect(finishRun(WORK, toFinish({ pending: 1, results: [] }), NOW)).toMatchObject({
      outcome: "ignore",
      reason: "scenarios_pending",
    }));

  it("ends once", () => {
    for (const status of ["completed", "failed"])
      expect(finishRun(DEADLINE, toFinish({ status }), "2026-11-20T09:06:00.000Z")).toMatchObject({
        outcome: "ignore",
        reason: `run_${status}`,
      });
    expect(finishRun(WORK, undefined, NOW)).toMatchObject({ outcome: "ignore", reason: "run_unknown" });
  });

  it("fails at the deadline what has not answered, on the condition that it still has not", () => {
    const run = toFinish({
      pending: 2,
      results: [
        result(),
        unanswered,
        result({
          scenario: aScenario({ id: "unsent", expect: { disposition: "auto_approved" } }),
          disposition: "auto_approved",
        }),
      ],
    });
    expect(finishRun(DEADLINE, run, "2026-11-20T09:05:00.000Z")).toMatchObject({
      effects: {
        rows: { status: "completed", passed: 1, unanswered: ["late"], unreplied: ["unsent"] },
        events: [
          {
            data: {
              failures: [
                { scenarioId: "late", problems: [{ code: "scenario_timeout" }] },
                { scenarioId: "unsent", problems: [{ code: "reply_missing" }] },
              ],
            },
          },
        ],
      },
    });
  });

  it("goes on waiting where the deadline's job comes early", () =>
    expect(
      finishRun(DEADLINE, toFinish({ pending: 1, results: [unanswered] }), "2026-11-20T09:04:00.500Z"),
    ).toMatchObject({ outcome: "defer", waiting: { retryAfterSeconds: 60 } }));

  it("ends at once what could not be submitted, and says so", () =>
    expect(
      finishRun(
        { ...WORK, end: "run_failed" },
        toFinish({ status: "queued", submittedAt: null, pending: 1, results: [unanswered] }),
        NOW,
      ),
    ).toMatchObject({
      effects: {
        rows: { status: "failed", failure: "run_failed" },
        events: [{ data: { startedAt: NOW, failures: [{ problems: [{ code: "run_failed" }] }] } }],
      },
    }));

  it("keeps its event within the record limit, and counts all the same", () => {
    const never = Array.from({ length: 20 }, (_, index) => `${index} ${"x".repeat(290)}`);
    const results = Array.from({ length: 300 }, (_, index) =>
      result({ scenario: aScenario({ id: `s-${index}-${"i".repeat(190)}`, expect: { facts: never } }) }),
    );
    const outcome = finishRun(WORK, toFinish({ results }), NOW);
    if (outcome.outcome !== "done") throw new Error(outcome.outcome);
    const [event] = outcome.effects.events ?? [];
    expect(checkProduced("evaluation.completed", event?.data)).toEqual([]);
    expect(JSON.stringify(event?.data).length).toBeLessThan(200_000);
    expect(event?.data).toMatchObject({ scenarios: 300, passed: 0 });
    expect(outcome.effects.rows?.verdicts[0]?.problems.length).toBe(20);
  });

  it("records a run that cannot be scored as failed", () =>
    expect(abandonRun(WORK, NOW)).toMatchObject({
      effects: { rows: { status: "failed", failure: "score_failed", scores: null } },
    }));
});
