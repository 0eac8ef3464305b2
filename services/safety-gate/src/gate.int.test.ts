import { sql } from "@opsdesk/database";
import { contentHash, sha256Hex } from "@opsdesk/identity";
import type { AiDraftAutoApproved } from "@opsdesk/schemas/ai-draft-auto-approved";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Desk } from "@opsdesk/schemas/desk";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { aDesk, aProposal } from "./decide/proposal.fixture.ts";
import { aDecision } from "./decide/review.fixture.ts";
import { safetyGateService } from "./wiring.ts";

const KEY = "odk_for-tests-only";
const environment = { PUBLIC_URL: "https://desk.example", OPSDESK_LINK_KEY: "k".repeat(40) };
let gate: Harness;

const configured = (tenant: string, change: Partial<Desk> = {}, version = 1): Given => ({
  type: "desk.configured",
  tenant,
  data: {
    version,
    contentHash: contentHash([tenant, version]),
    desk: aDesk({
      apiKeys: [{ keyId: `key-${tenant}`, sha256: sha256Hex(`${KEY}-${tenant}`), scopes: ["ops"] }],
      ...change,
    }),
  },
});
const indexed = (tenant: string): Given => ({
  type: "knowledge.source_indexed",
  tenant,
  data: {
    sourceId: "vpn-guide",
    version: 2,
    contentHash: contentHash("guide"),
    title: "Using the VPN",
    chunks: 1,
    supersedes: null,
  },
});
const place = (n: string): Pick<AiDraftProposed, "ticketId" | "draftId" | "reference"> => ({
  ticketId: `tkt_${n}`,
  draftId: `drf_${n}`,
  reference: `OD-${n}`,
});
const proposed = (n: string, change: Partial<AiDraftProposed> = {}, tenant = "it-helpdesk"): Given => ({
  type: "ai.draft.proposed",
  tenant,
  data: aProposal({ ...place(n), customer: { id: `cus_${n}`, name: "Maya Lindqvist" }, ...change }),
});
const forReview = (n: string, change: Partial<AiDraftProposed> = {}, tenant = "it-helpdesk"): Given =>
  proposed(n, { risks: [{ id: "urgent", detail: "It cannot wait." }], ...change }, tenant);
const decided = (n: string, required: AiDraftReviewRequired, change: Partial<DraftDecisionSubmitted> = {}): Given => ({
  type: "draft.decision_submitted",
  data: aDecision({
    ticketId: `tkt_${n}`,
    reviewId: required.reviewId,
    fingerprint: required.fingerprint,
    decisionId: `dec_${n}`,
    ...change,
  }),
});

async function told<Data extends { ticketId: string }>(
  type: Parameters<Harness["published"]>[0],
  n: string,
): Promise<readonly Data[]> {
  return (await gate.published<Data>(type))
    .map((event) => event.data)
    .filter(({ ticketId }) => ticketId === `tkt_${n}`);
}
async function required(n: string): Promise<AiDraftReviewRequired> {
  const [data] = await told<AiDraftReviewRequired>("ai.draft.review_required", n);
  if (data === undefined) throw new Error(`nothing to review for ${n}`);
  return data;
}
const disposition = async (n: string): Promise<string | undefined> =>
  (
    await gate.query<{ state: string }>(
      sql`select state from safety_gate.dispositions where ticket_id = ${`tkt_${n}`} order by conversation_version desc limit 1`,
    )
  )[0]?.state;
const review = async (n: string): Promise<string | undefined> =>
  (
    await gate.query<{ status: string }>(
      sql`select status from safety_gate.draft_reviews where draft_id = ${`drf_${n}`}`,
    )
  )[0]?.status;
const refusals = async (n: string): Promise<readonly string[]> =>
  (await told<{ ticketId: string; code: string }>("ai.draft.decision_refused", n)).map(({ code }) => code);
const retired = (n: string, reason: string): Given => ({
  type: "ai.draft.retired",
  data: { ...place(n), aggregateVersion: 5, conversationVersion: 2, reason, supersededBy: null },
});
const get = (path: string, tenant = "it-helpdesk") =>
  gate.app.inject({ url: path, headers: { authorization: `Bearer ${KEY}-${tenant}` } });
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200 && !(await holds()); i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await holds()).toBe(true);
}

beforeAll(async () => {
  gate = await startHarness(safetyGateService, { environment });
  await gate.given(configured("it-helpdesk"), indexed("it-helpdesk"));
}, 60_000);
afterAll(() => gate.stop());

describe("the gate", () => {
  it("approves what is licensed and records it as applied once the reply is in the conversation", async () => {
    await gate.given(proposed("1"));
    const [approved] = await told<AiDraftAutoApproved>("ai.draft.auto_approved", "1");
    expect(approved?.reasons).toEqual([{ rule: "auto_send_licensed", words: expect.any(String) }]);
    expect(await disposition("1")).toBe("gated");
    await gate.given({
      type: "ticket.message_added",
      data: {
        ticketId: "tkt_1",
        reference: "OD-1",
        aggregateVersion: 4,
        conversationVersion: 2,
        subject: "VPN",
        draftId: "drf_1",
        message: {
          id: "msg_1",
          kind: "reply",
          author: { kind: "service", id: "ingest" },
          text: "Hello",
          textHash: contentHash("x"),
          truncated: false,
          at: "2026-11-20T14:12:05Z",
          automatic: false,
        },
      },
    });
    expect(await disposition("1")).toBe("applied");
  });

  it("asks a person about the rest; a decision releases it, and two at once have one winner", async () => {
    await gate.given(forReview("2"));
    const asked = await required("2");
    expect(asked.decisionUrl).toMatch(/^https:\/\/desk\.example\/v1\/decisions\/rev_\w+\?token=\d+\.[0-9a-f]{64}$/);
    await gate.given(
      decided("2", asked),
      decided("2", asked, { decisionId: "dec_2b", decision: "reject", actor: { kind: "person", id: "ruth" } }),
    );
    expect(await told("ai.draft.reviewed", "2")).toEqual([expect.objectContaining({ decision: "approved" })]);
    expect(await refusals("2")).toEqual(["already_decided"]);
    await gate.given(decided("2", asked));
    expect((await told("ai.draft.reviewed", "2")).length).toBe(1);
    expect(await refusals("2")).toEqual(["already_decided"]);
    expect(await review("2")).toBe("decided");
  });

  it("takes a decision link once, from whoever holds it, as the owner", async () => {
    await gate.given(forReview("3"));
    const asked = await required("3");
    const proof = new URL(asked.decisionUrl).searchParams.get("token") ?? "";
    const byLink = { via: "decision_link", actor: { kind: "system", id: "link" } } as const;
    await gate.given(
      decided("3", asked, {
        ...byLink,
        decisionId: "forged",
        proof: proof.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      }),
    );
    await gate.given(decided("3", asked, { ...byLink, proof }));
    await gate.given(decided("3", asked, { ...byLink, proof, decisionId: "again" }));
    expect(await refusals("3")).toEqual(["not_allowed", "already_decided"]);
    expect(await told("ai.draft.reviewed", "3")).toEqual([
      expect.objectContaining({ via: "decision_link", actor: expect.objectContaining({ id: "priya" }) }),
    ]);
  });

  it("stores an edit as draft, final and difference", async () => {
    await gate.given(forReview("4"));
    await gate.given(
      decided("4", await required("4"), { decision: "edit", text: "Hello Maya Lindqvist,\n\nPlease try again." }),
    );
    const [row] = await gate.query<{ decision: string; edit: { added: string[] }; evidence: string[] }>(
      sql`select decision, outcome->'edit' as edit, opened_evidence as evidence from safety_gate.draft_reviews where draft_id = 'drf_4'`,
    );
    expect(row).toMatchObject({
      decision: "edited",
      edit: { added: ["Please try again."] },
      evidence: ["vpn-guide@2#1"],
    });
  });

  it("closes the review of a retired draft, and refuses what comes after", async () => {
    await gate.given(forReview("5"));
    const asked = await required("5");
    await gate.given(retired("5", "newer_message"));
    expect([await disposition("5"), await review("5")]).toEqual(["retired", "retired"]);
    await gate.given(decided("5", asked));
    expect(await refusals("5")).toEqual(["draft_retired"]);
  });

  it("records a release that ingest refused, and keeps what a person refused", async () => {
    await gate.given(forReview("6"), forReview("7"));
    await gate.given(decided("6", await required("6")), decided("7", await required("7"), { decision: "take_over" }));
    await gate.given(retired("6", "apply_refused"), retired("7", "person_replied"));
    expect([await disposition("6"), await disposition("7")]).toEqual(["refused", "refused"]);
  });

  it("keeps a retirement that overtook its proposal until that has come", async () => {
    await gate.given(retired("8", "newer_message"));
    await gate.given(forReview("8"));
    await until(async () => (await review("8")) === "retired");
    expect(await disposition("8")).toBe("retired");
  });

  it("waits for news of a source that a draft cites ahead of it", async () => {
    await gate.given(configured("late"));
    await gate.given(proposed("9", {}, "late"));
    expect(await disposition("9")).toBeUndefined();
    await gate.given(indexed("late"));
    await until(async () => (await disposition("9")) === "gated");
    expect(await told("ai.draft.auto_approved", "9")).toHaveLength(1);
  });

  it("gives several versions and tickets of one batch a disposition each, and each ticket its own", async () => {
    await gate.given(
      forReview("10"),
      forReview("10", { conversationVersion: 2, draftId: "drf_10b" }),
      forReview("11"),
      proposed("12", { outcome: "not_run", sentences: [], slots: [] }),
    );
    const rows = await gate.query<{ id: string; version: number; state: string }>(
      sql`select ticket_id as id, conversation_version as version, state from safety_gate.dispositions where ticket_id in ('tkt_10', 'tkt_11', 'tkt_12') order by 1, 2`,
    );
    expect(rows.map(({ id, version, state }) => [id, version, state])).toEqual([
      ["tkt_10", 1, "gated"],
      ["tkt_10", 2, "gated"],
      ["tkt_11", 1, "gated"],
      ["tkt_12", 1, "not_run"],
    ]);
  });

  it("stops automatic replies at once, and goes on when the stop is lifted", async () => {
    const command = (name: string, actor: string, args: Record<string, unknown> = {}): Given => ({
      type: "admin.command_submitted",
      data: { actor: { kind: "person", id: actor }, target: "policy", command: name, arguments: args },
    });
    await gate.given(command("auto_send_off", "ruth", { categories: ["vpn"] }));
    await gate.given(proposed("20"));
    expect((await required("20")).reasons.map(({ rule }) => rule)).toEqual(["category_not_licensed"]);
    await gate.given(command("auto_send_on", "callum", { categories: ["vpn"] }), command("sing", "ruth"));
    expect((await gate.published<{ code: string }>("command.refused")).map(({ data }) => data.code)).toEqual([
      "not_allowed",
      "command_unknown",
    ]);
    await gate.given(command("auto_send_on", "ruth", { categories: ["vpn"] }));
    await gate.given(proposed("21"));
    expect(await told("ai.draft.auto_approved", "21")).toHaveLength(1);
  });

  it("falls back to review once a customer has had the day's share", async () => {
    const customer = { id: "cus_capped", name: "Maya Lindqvist" };
    await gate.given(proposed("30", { customer }), proposed("31", { customer }));
    await gate.given(proposed("32", { customer }));
    expect((await required("32")).reasons.map(({ rule }) => rule)).toEqual(["cap_customer"]);
  });

  it("does not send on a closed ticket", async () => {
    await gate.given({
      type: "ticket.changed",
      data: {
        ticketId: "tkt_33",
        reference: "OD-33",
        aggregateVersion: 9,
        conversationVersion: 1,
        actor: { kind: "person", id: "ruth" },
        change: "closed",
        before: { status: "open" },
        after: { status: "closed" },
      },
    });
    await gate.given(proposed("33"));
    expect((await required("33")).reasons.map(({ rule }) => rule)).toEqual(["stale_version"]);
  });

  it("holds an approval for the undo window, and sends it when nobody has undone it", async () => {
    await gate.given(configured("it-helpdesk", { policy: { ...aDesk().policy, undoSeconds: 2 } }, 2));
    await gate.given(forReview("40"), forReview("41"));
    await gate.given(decided("40", await required("40")), decided("41", await required("41")));
    expect(await review("40")).toBe("approved_waiting");
    await gate.given(decided("40", await required("40"), { decision: "undo", decisionId: "undo_40" }));
    expect(await review("40")).toBe("pending");
    await until(async () => (await review("41")) === "decided");
    expect(await told("ai.draft.reviewed", "40")).toEqual([]);
    expect(await told("ai.draft.reviewed", "41")).toHaveLength(1);
    await gate.given(configured("it-helpdesk", {}, 3));
  });

  it("lets one of two writers win who decide at the same moment, by topic and on the spot", async () => {
    const rounds = Array.from({ length: 12 }, (_, i) => `race${i}`);
    await gate.given(...rounds.map((n) => forReview(n)));
    const asked = new Map(await Promise.all(rounds.map(async (n) => [n, await required(n)] as const)));
    await Promise.all([
      gate.given(...rounds.map((n) => decided(n, asked.get(n)!))),
      ...rounds.map((n) =>
        gate.offer({
          handler: "on-decision-submitted",
          type: "draft.decision_submitted",
          tenant: "it-helpdesk",
          source: "/test",
          data: decided(n, asked.get(n)!, { decisionId: `other_${n}`, decision: "reject" }).data,
          idempotencyKey: `other_${n}`,
          key: `tkt_${n}`,
        }),
      ),
    ]);
    await gate.settle();
    for (const n of rounds) {
      expect(await told("ai.draft.reviewed", n)).toHaveLength(1);
      expect(await refusals(n)).toEqual(["already_decided"]);
    }
    expect((await get("/ops/safety-gate/audit/verify")).json()).toMatchObject({ verified: true });
  });

  it("refuses a decision about a review that never was", async () => {
    await gate.given({
      type: "draft.decision_submitted",
      data: aDecision({ ticketId: "tkt_50", reviewId: "rev_forged" }),
    });
    expect(await refusals("50")).toEqual([]);
    await until(async () => (await refusals("50")).length > 0);
    expect(await refusals("50")).toEqual(["review_unknown"]);
  }, 30_000);
});

describe("another tenant", () => {
  it("decides about its own reviews only", async () => {
    await gate.given(configured("other"));
    await gate.given(forReview("60"));
    const asked = await required("60");
    const own = await disposition("60");
    await gate.given({ ...decided("60", asked), tenant: "other" });
    await until(async () => (await refusals("60")).length > 0);
    expect(await refusals("60")).toEqual(["review_unknown"]);
    await gate.given({ ...retired("60", "newer_message"), tenant: "other" });
    expect([await disposition("60"), await review("60")]).toEqual([own, "pending"]);
    expect((await get("/ops/safety-gate/decisions/OD-60")).statusCode).toBe(200);
    expect((await get("/ops/safety-gate/decisions/OD-60", "other")).statusCode).toBe(404);
  }, 30_000);
});

describe("operators", () => {
  it("see what was decided, and that it would be decided again, byte for byte", async () => {
    await gate.given(proposed("70"));
    const { items } = (await get("/ops/safety-gate/decisions/OD-70")).json<{
      items: { decisionHash: string; state: string }[];
    }>();
    expect(items).toEqual([
      expect.objectContaining({ state: "gated", verdict: "auto_send", rules: ["auto_send_licensed"] }),
    ]);
    const again = (await get("/ops/safety-gate/decisions/OD-70/replay")).json<{ items: unknown[] }>();
    expect(again.items).toEqual([
      expect.objectContaining({
        replay: { result: "same", gateVersion: "gate-1", decisionHash: items[0]?.decisionHash },
      }),
    ]);
    expect((await gate.app.inject({ url: "/ops/safety-gate/decisions/OD-70" })).statusCode).toBe(401);
  });

  it("see that the audit chain is whole, with other services' notes in it, and where it was touched", async () => {
    await gate.given(
      { type: "audit.recorded", data: { actor: { kind: "person", id: "ruth" }, action: "sign_in", object: "console" } },
      {
        type: "contact.logged",
        data: {
          ticketId: "tkt_70",
          reference: "OD-70",
          aggregateVersion: 4,
          conversationVersion: 1,
          contactId: "con_1",
          channel: "phone",
          reached: true,
          said: "secret words",
          actor: { kind: "person", id: "priya" },
          at: "2026-11-20T15:00:00Z",
        },
      },
    );
    const [{ rows, leaked } = { rows: 0, leaked: 0 }] = await gate.query<{ rows: number; leaked: number }>(
      sql`select count(*) as rows, count(*) filter (where content like '%secret%' or content like '%Maya%') as leaked from safety_gate.audit_events where tenant = 'it-helpdesk'`,
    );
    expect(leaked).toBe(0);
    expect((await get("/ops/safety-gate/audit/verify")).json()).toMatchObject({ verified: true, rows });
    await gate.query(
      sql`update safety_gate.audit_events set content = replace(content, 'sign_in', 'sign_up') where tenant = 'it-helpdesk' and action = 'sign_in'`,
    );
    expect((await get("/ops/safety-gate/audit/verify")).json()).toMatchObject({
      verified: false,
      problem: { problem: "altered" },
    });
    await gate.query(
      sql`update safety_gate.audit_events set content = replace(content, 'sign_up', 'sign_in') where tenant = 'it-helpdesk' and action = 'sign_in'`,
    );
    await gate.query(sql`delete from safety_gate.audit_events where tenant = 'it-helpdesk' and sequence = ${rows}`);
    expect((await get("/ops/safety-gate/audit/verify")).json()).toMatchObject({
      verified: false,
      problem: { problem: "head_differs" },
    });
  });

  it("find no dead letter after all this", async () => {
    const { items } = await gate.runtime.deadLetters.list({ limit: 10 });
    expect(items).toEqual([]);
  });
});
