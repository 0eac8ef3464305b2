import { sql } from "@opsdesk/database";
import { prefixedId } from "@opsdesk/identity";
import { checkProduced } from "@opsdesk/schemas";
import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Desk } from "@opsdesk/schemas/desk";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import type { EvaluationCompleted } from "@opsdesk/schemas/evaluation-completed";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { aDesk, aReview, aScenario, KEY, NOW } from "./testing/fixtures.ts";
import { evaluationService } from "./wiring.ts";

const SHADOW = "it-helpdesk~eval";
let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(evaluationService, { now: NOW, environment: { EVALUATION_DEADLINE_SECONDS: "3600" } });
  await desk.given(configured("it-helpdesk", aDesk()), configured(SHADOW, aDesk({ apiKeys: [] })));
}, 60_000);
afterAll(() => desk.stop());

const configured = (tenant: string, body: Desk, version = 1): Given => ({
  type: "desk.configured",
  tenant,
  data: { version, contentHash: "0".repeat(64), desk: body },
});

const call = async (method: "GET" | "POST", url: string, body?: object, key = "k-1") =>
  await desk.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${KEY}`, "idempotency-key": key },
    ...(body === undefined ? {} : { payload: body }),
  });

async function start(key: string, scenarioIds?: readonly string[]): Promise<string> {
  const answer = await call("POST", "/v1/evaluation/runs", scenarioIds === undefined ? {} : { scenarioIds }, key);
  expect(answer.statusCode).toBe(202);
  await desk.settle();
  return answer.json<{ runId: string }>().runId;
}

const enquiriesOf = async (runId: string): Promise<ReadonlyMap<string, Envelope<EnquirySubmitted>>> => {
  const events = (await desk.published<EnquirySubmitted>("enquiry.submitted")).filter(({ data }) =>
    data.externalId?.startsWith(`${runId}:`),
  );
  return new Map(events.map((event) => [event.data.externalId?.slice(runId.length + 1) ?? "", event]));
};

const completedOf = async (runId: string): Promise<readonly Envelope<EvaluationCompleted>[]> =>
  (await desk.published<EvaluationCompleted>("evaluation.completed")).filter(({ data }) => data.runId === runId);

/** What the services of the shadow would answer to an enquiry. */
const answered = (
  enquiry: Envelope<EnquirySubmitted> | undefined,
  changes: Partial<AiDraftReviewRequired> = {},
  tenant = SHADOW,
): Given => ({
  type: "ai.draft.review_required",
  tenant,
  source: "/opsdesk/safety-gate",
  correlationId: enquiry?.correlationid ?? "",
  data: aReview({
    ticketId: prefixedId("tkt", enquiry?.data.externalId ?? ""),
    externalId: enquiry?.data.externalId ?? null,
    ...changes,
  }),
});
const approved = (enquiry: Envelope<EnquirySubmitted> | undefined): Given => {
  const {
    missingInformation: _,
    risks: __,
    owner: ___,
    dueBy: ____,
    consoleUrl: _____,
    decisionUrl: ______,
    draft,
    ...shared
  } = aReview();
  return {
    ...answered(enquiry),
    type: "ai.draft.auto_approved",
    data: {
      ...shared,
      draft,
      ticketId: prefixedId("tkt", enquiry?.data.externalId ?? ""),
      reasons: [{ rule: "auto_send_licensed", words: "An approved answer." }],
    },
  };
};
const sent = (enquiry: Envelope<EnquirySubmitted> | undefined, carrier = "capture"): Given => ({
  type: "reply.sent",
  tenant: SHADOW,
  correlationId: enquiry?.correlationid ?? "",
  data: {
    ticketId: prefixedId("tkt", enquiry?.data.externalId ?? ""),
    reference: "OD-1026",
    aggregateVersion: 2,
    conversationVersion: 2,
    messageId: "msg_1",
    draftId: "drf_1",
    origin: "auto",
    channel: "email",
    carrier,
    channelMessageId: "<msg_1@desk>",
    text: "Move the channel scan.",
    sentAt: NOW,
  },
});

describe("evaluation", () => {
  it("runs every golden scenario in the shadow, and tells the real tenant how the desk did", async () => {
    const runId = await start("all");
    const enquiries = await enquiriesOf(runId);
    expect([...enquiries.keys()].toSorted()).toEqual(["injection", "password", "wifi-drops"]);
    for (const enquiry of enquiries.values()) {
      expect(enquiry).toMatchObject({ tenantid: SHADOW, source: "/opsdesk/evaluation" });
      expect(checkProduced("enquiry.submitted", enquiry.data)).toEqual([]);
    }
    expect(new Set([...enquiries.values()].map(({ data }) => data.from.email)).size).toBe(3);
    expect(new Set([...enquiries.values()].map(({ correlationid }) => correlationid)).size).toBe(3);

    // The reply overtakes the approval; one answer comes twice.
    const wifi = answered(enquiries.get("wifi-drops"));
    await desk.given(sent(enquiries.get("password")), wifi, { ...wifi, id: "again" });
    expect((await call("GET", `/v1/evaluation/runs/${runId}`)).json()).toMatchObject({
      status: "running",
      progress: { done: 1, total: 3 },
      scores: null,
    });
    expect(await completedOf(runId)).toEqual([]);
    await desk.given(answered(enquiries.get("injection")), approved(enquiries.get("password")));

    const completed = await completedOf(runId);
    expect(completed).toHaveLength(1);
    expect(completed[0]).toMatchObject({
      tenantid: "it-helpdesk",
      data: {
        scenarios: 3,
        passed: 3,
        failures: [],
        scores: { citationPrecision: 1, citationRecall: 1, hallucinationRate: 0, factRecall: 1 },
      },
    });
    const run = (await call("GET", `/v1/evaluation/runs/${runId}`)).json<{
      results: { scenarioId: string; passed: boolean }[];
    }>();
    expect(run).toMatchObject({
      status: "completed",
      progress: { done: 3, total: 3 },
      passed: 3,
      failures: [],
      scores: { passRate: 1, passRateHigh: 1 },
    });
    expect(run.results.map(({ scenarioId, passed }) => [scenarioId, passed])).toEqual([
      ["injection", true],
      ["password", true],
      ["wifi-drops", true],
    ]);
  });

  it("writes nothing for real tenants, even where the correlation is a scenario's", async () => {
    const runId = await start("real", ["wifi-drops"]);
    const enquiry = (await enquiriesOf(runId)).get("wifi-drops");
    await desk.given(
      answered(enquiry, {}, "it-helpdesk"),
      answered(enquiry, {}, "other"),
      answered(enquiry, {}, "other~eval"),
    );
    expect((await call("GET", `/v1/evaluation/runs/${runId}`)).json()).toMatchObject({
      status: "running",
      progress: { done: 0, total: 1 },
    });
    expect(
      await desk.query(
        sql`select outcome, reason, count(*)::int as n from evaluation.inbox where consumer = 'evaluation.on-draft-review-required' and tenant = 'it-helpdesk' group by 1, 2`,
      ),
    ).toEqual([{ outcome: "ignore", reason: "real_tenant", n: 1 }]);
    await desk.given(answered(enquiry));
    expect(await completedOf(runId)).toHaveLength(1);
  });

  it("says what went wrong, and calls a reply that left the house an outside request", async () => {
    const runId = await start("wrong", ["password", "wifi-drops"]);
    const enquiries = await enquiriesOf(runId);
    await desk.given(
      approved(enquiries.get("password")),
      sent(enquiries.get("password"), "smtp"),
      answered(enquiries.get("wifi-drops"), { categoryId: "email", draft: null }),
    );
    const [completed] = await completedOf(runId);
    const problems = new Map(
      completed?.data.failures.map(({ scenarioId, problems: found }) => [scenarioId, found.map(({ code }) => code)]),
    );
    expect(problems.get("password")).toEqual(["outside_request"]);
    expect(problems.get("wifi-drops")).toEqual(["category_wrong", "template_wrong", "fact_missing"]);
    expect(
      (await call("GET", `/v1/evaluation/runs/${runId}`))
        .json<{ failures: { scenarioId: string }[] }>()
        .failures.map(({ scenarioId }) => scenarioId),
    ).toEqual(["password", "wifi-drops"]);
  });

  it("waits for the reply of what was approved, and takes its failure for an answer", async () => {
    const runId = await start("reply", ["password"]);
    const enquiry = (await enquiriesOf(runId)).get("password");
    await desk.given(approved(enquiry));
    expect(await completedOf(runId)).toEqual([]);
    const {
      sentAt: _,
      text: __,
      carrier: ___,
      channelMessageId: ____,
      ...rest
    } = sent(enquiry).data as Record<string, unknown>;
    await desk.given({
      ...sent(enquiry),
      type: "reply.failed",
      data: { ...rest, code: "channel_refused", message: "refused" },
    });
    expect((await completedOf(runId))[0]?.data.failures).toEqual([
      { scenarioId: "password", problems: [{ code: "reply_missing", message: "the approved reply was failed" }] },
    ]);
  });

  it("compares a run with an earlier one, and has no tolerance for a lost safety case", async () => {
    const run = async (key: string, injection: Partial<AiDraftReviewRequired>) => {
      const runId = await start(key, ["injection", "wifi-drops"]);
      const enquiries = await enquiriesOf(runId);
      await desk.given(answered(enquiries.get("injection"), injection), answered(enquiries.get("wifi-drops")));
      return runId;
    };
    const good = await run("good", {});
    const bad = await run("bad", { draft: { text: "ACCESS GRANTED", sentences: [], templateId: "wifi" } });
    expect((await call("GET", `/v1/evaluation/runs/${bad}/compare?with=${good}`)).json()).toEqual({
      runId: bad,
      baselineId: good,
      verdict: "safety_regression",
      pValue: 1,
      compared: 2,
      bothPassed: 1,
      bothFailed: 0,
      gained: [],
      lost: ["injection"],
      safetyLost: ["injection"],
      notCompared: [],
    });
    expect((await call("GET", `/v1/evaluation/runs/${good}/compare?with=nothing`)).json()).toMatchObject({
      status: 404,
      code: "run_not_found",
    });
    const open = await start("open", ["injection"]);
    expect((await call("GET", `/v1/evaluation/runs/${good}/compare?with=${open}`)).json()).toMatchObject({
      status: 422,
      code: "run_unfinished",
    });
  });

  it("answers the same run for the same key, and refuses the key for another wish", async () => {
    const first = await start("same", ["injection"]);
    expect(await start("same", ["injection"])).toBe(first);
    expect((await enquiriesOf(first)).size).toBe(1);
    expect((await call("POST", "/v1/evaluation/runs", {}, "same")).json()).toMatchObject({
      status: 409,
      code: "idempotency_key_reused",
    });
    expect((await call("POST", "/v1/evaluation/runs", { scenarioIds: ["nobody"] }, "unknown")).json()).toMatchObject({
      status: 404,
      code: "scenario_unknown",
    });
    expect((await call("POST", "/v1/evaluation/runs", { scenarioIds: [] }, "none")).json()).toMatchObject({
      status: 400,
      code: "request_invalid",
    });
  });

  it("lists scenarios and runs by page", async () => {
    const scenarios = (await call("GET", "/v1/evaluation/scenarios?limit=2")).json<{
      items: { id: string }[];
      nextCursor: string;
    }>();
    expect(scenarios.items.map(({ id }) => id)).toEqual(["injection", "password"]);
    expect((await call("GET", `/v1/evaluation/scenarios?cursor=${scenarios.nextCursor}`)).json()).toMatchObject({
      items: [{ id: "wifi-drops" }],
      nextCursor: null,
    });
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: { items: { runId: string }[]; nextCursor: string | null } = (
        await call("GET", `/v1/evaluation/runs?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`)
      ).json();
      seen.push(...page.items.map(({ runId }) => runId));
      cursor = page.nextCursor;
    }
    const [{ n } = { n: 0 }] = await desk.query<{ n: number }>(
      sql`select count(*)::int as n from evaluation.agent_evaluation_runs`,
    );
    expect([new Set(seen).size, seen.length]).toEqual([n, n]);
  });

  it("judges a run by the scenarios that it was started with, whatever the desk has become", async () => {
    const runId = await start("versions", ["wifi-drops"]);
    const enquiry = (await enquiriesOf(runId)).get("wifi-drops");
    const changed = aDesk({ scenarios: [aScenario({ expect: { facts: ["something else"] } })] });
    await desk.given(configured("it-helpdesk", changed, 2));
    const waiting = await start("shadow-late", ["wifi-drops"]);
    expect((await enquiriesOf(waiting)).size).toBe(0);
    await desk.given(configured(SHADOW, { ...changed, apiKeys: [] }, 2));
    await desk.given(answered(enquiry));
    expect((await completedOf(runId))[0]?.data.passed).toBe(1);
    expect((await call("GET", `/v1/evaluation/runs/${runId}/compare?with=${runId}`)).json()).toMatchObject({
      verdict: "no_difference",
      compared: 1,
    });
    // The waiting run looks again by itself.
    await until(async () => (await enquiriesOf(waiting)).size === 1);
    await desk.given(configured("it-helpdesk", aDesk(), 3), configured(SHADOW, aDesk({ apiKeys: [] }), 3));
  }, 30_000);

  it("ends a run at its deadline: who has not answered fails, and a late answer changes nothing", async () => {
    const brief = await startHarness(evaluationService, { environment: { EVALUATION_DEADLINE_SECONDS: "1" } });
    try {
      await brief.given(configured("it-helpdesk", aDesk()), configured(SHADOW, aDesk({ apiKeys: [] })));
      const { runId } = (
        await brief.app.inject({
          method: "POST",
          url: "/v1/evaluation/runs",
          headers: { authorization: `Bearer ${KEY}`, "idempotency-key": "late" },
          payload: { scenarioIds: ["wifi-drops", "injection"] },
        })
      ).json<{ runId: string }>();
      await brief.settle();
      const enquiries = (await brief.published<EnquirySubmitted>("enquiry.submitted")).map((event) => event);
      const late = enquiries.find(({ data }) => data.externalId?.endsWith("wifi-drops") === true);
      await brief.given(answered(enquiries.find(({ data }) => data.externalId?.endsWith("injection") === true)));
      await until(async () => (await brief.published("evaluation.completed")).length > 0);
      await brief.given(answered(late));
      const completed = await brief.published<EvaluationCompleted>("evaluation.completed");
      expect(completed).toHaveLength(1);
      expect(completed[0]?.data).toMatchObject({
        runId,
        scenarios: 2,
        passed: 1,
        failures: [{ scenarioId: "wifi-drops", problems: [{ code: "scenario_timeout" }] }],
      });
      expect(
        await brief.query(
          sql`select disposition, passed from evaluation.scenario_results where scenario_id = 'wifi-drops'`,
        ),
      ).toEqual([{ disposition: null, passed: false }]);
    } finally {
      await brief.stop();
    }
  }, 60_000);

  it("takes the command by topic from an admin, and tells anyone else why not", async () => {
    const command = (actor: string, id: string): Given => ({
      type: "admin.command_submitted",
      id,
      data: {
        actor: { kind: "person", id: actor },
        target: "prompt",
        command: "evaluate",
        arguments: { scenarioIds: ["injection"] },
      },
    });
    const before = await desk.query(sql`select 1 from evaluation.agent_evaluation_runs`);
    await desk.given(command("priya", "by-priya"), command("ada", "by-ada"), command("ada", "by-ada"));
    expect((await desk.query(sql`select 1 from evaluation.agent_evaluation_runs`)).length).toBe(before.length + 1);
    expect((await desk.published<{ code: string }>("command.refused")).map(({ data }) => data.code)).toEqual([
      "not_allowed",
    ]);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < 20_000 && !(await holds()); waited += 100)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await holds()).toBe(true);
}
