import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { sql } from "@opsdesk/database";
import { contentHash } from "@opsdesk/identity";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import type { Desk } from "@opsdesk/schemas/desk";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { EXAMPLES, aContext, aDesk, aMessageAdded, aTicketCreated } from "./testing/given.ts";
import { type ModelEndpoint, startModelEndpoint } from "./testing/model-endpoint.ts";
import { triageService } from "./wiring.ts";

const deskConfigured = (desk: Desk, tenant: string, version = 1): Given => ({
  type: "desk.configured",
  tenant,
  data: { version, contentHash: contentHash(desk), desk },
});
const examplesOf = (tenant: string): Given => ({
  type: "examples.submitted",
  tenant,
  data: { set: "first", part: 0, parts: 1, examples: [...EXAMPLES] },
});

let desk: Harness;
let tenants = 0;
let tenant = "";
const on = (type: Given["type"], data: unknown, id?: string): Given => ({
  type,
  data,
  tenant,
  ...(id === undefined ? {} : { id }),
});
const published = async <Data>(type: Given["type"]): Promise<readonly Data[]> =>
  (await desk.published<Data>(type)).filter((event) => event.tenantid === tenant).map((event) => event.data);
const proposals = () => published<AiDraftProposed>("ai.draft.proposed");

beforeAll(async () => {
  desk = await startHarness(triageService);
  // The first run on a machine makes the migrated database that later ones open.
}, 90_000);
afterAll(() => desk.stop());
beforeEach(() => {
  tenants += 1;
  tenant = `acme-${tenants}`;
});

const WIFI = "Hello,\n\nthe Wi-Fi drops every day at 2 pm. Please call me urgently.";

describe("triage", () => {
  it("takes a ticket to a draft whose quotes are verbatim", async () => {
    await desk.given(deskConfigured(aDesk(), tenant), examplesOf(tenant));
    expect(await published("router.trained")).toMatchObject([{ trainedOn: 16, categories: 2 }]);
    await desk.given(on("ticket.created", aTicketCreated(WIFI)));
    const [found] = await published<TicketTriaged>("ticket.triaged");
    expect(found).toMatchObject({
      outcome: "triaged",
      categoryId: "network",
      priority: "urgent",
      summary: "the Wi-Fi drops every day at 2 pm. Please call me urgently.",
      language: "en",
    });
    expect(found?.risks.map(({ id }) => id)).toEqual(["phone_contact", "urgent"]);
    expect(found?.missingInformation.map(({ id }) => id)).toEqual(["floor", "device"]);
    await desk.given(on("context.retrieved", aContext()));
    const [proposal] = await proposals();
    expect(proposal).toMatchObject({
      outcome: "proposed",
      templateId: "wifi-drops",
      externalId: "x1",
      categoryId: "network",
    });
    const quotes = proposal?.sentences.flatMap(({ citations }) => citations) ?? [];
    expect(quotes.length).toBeGreaterThan(1);
    for (const { quote } of quotes) expect(aContext().evidence[0]?.text).toContain(quote);
    expect(await published("followup.suggested")).toMatchObject([
      { title: "Call Dana Okafor about AC-1", ownerId: "olu" },
    ]);
    const runs = await desk.query<{ job: string; outcome: string }>(
      sql`select job, outcome from triage.ai_runs where tenant = ${tenant} and ticket_id is not null order by job desc`,
    );
    expect(runs).toEqual([
      { job: "triage.ticket", outcome: "succeeded" },
      { job: "response.template_select", outcome: "succeeded" },
    ]);
  });

  it("tells the gate what the neighbourhood of a ticket adds to its risks, once", async () => {
    await desk.given(deskConfigured(aDesk(), tenant), on("ticket.created", aTicketCreated(WIFI)));
    const risks = [
      { id: "incident_storm", detail: "7 tickets about site harbour within 40 minutes." },
      { id: "urgent", detail: "Known already." },
    ];
    await desk.given(on("context.retrieved", aContext({ risks })));
    const [proposal] = await proposals();
    expect(proposal?.risks.map(({ id }) => id)).toEqual(["phone_contact", "urgent", "incident_storm"]);
  });

  it("abstains before the first training, and still ends the version", async () => {
    await desk.given(deskConfigured(aDesk(), tenant), on("ticket.created", aTicketCreated(WIFI)));
    await desk.given(on("context.retrieved", aContext({ outcome: "weak", evidence: [] })));
    expect(await proposals()).toMatchObject([{ outcome: "abstained", reason: "router_untrained", priority: "urgent" }]);
  });

  it("waits for a desk that arrives after its first ticket, and for a ticket that arrives after its message", async () => {
    await desk.given(on("ticket.message_added", aMessageAdded("It is the third floor.", 2)));
    await desk.given(on("ticket.created", aTicketCreated(WIFI)));
    expect(await proposals()).toEqual([]);
    await desk.given(deskConfigured(aDesk(), tenant));
    // Deferred events are looked at again every second: first the ticket, which the desk wakes, then its message.
    const triagedVersions = async () =>
      (await published<TicketTriaged>("ticket.triaged")).map((one) => one.conversationVersion);
    for (let tries = 0; tries < 100 && !(await triagedVersions()).includes(2); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    for (const conversationVersion of await triagedVersions())
      await desk.given(on("context.retrieved", aContext({ conversationVersion })));
    const ended = await proposals();
    expect(ended.map(({ conversationVersion }) => conversationVersion).toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(ended.find((one) => one.conversationVersion === 2)).toMatchObject({
      outcome: "abstained",
      reason: "router_untrained",
    });
  });

  it("ends every version exactly once when a newer message overtakes triage, and on duplicates", async () => {
    await desk.given(deskConfigured(aDesk(), tenant));
    const created = on("ticket.created", aTicketCreated(WIFI), `created-${tenant}`);
    await desk.given(created, created);
    await desk.given(on("ticket.message_added", aMessageAdded("Any news?", 2)));
    const context = on("context.retrieved", aContext(), `context-${tenant}`);
    await desk.given(context, context);
    await desk.given(
      on("context.retrieved", aContext({ conversationVersion: 2 })),
      on("context.retrieved", aContext({ conversationVersion: 2 })),
    );
    expect(
      (await proposals()).map(({ conversationVersion, outcome, reason }) => [conversationVersion, outcome, reason]),
    ).toEqual([
      [1, "not_run", "superseded"],
      [2, "abstained", "router_untrained"],
    ]);
    // The first message's request for a call is still open.
    expect((await published<TicketTriaged>("ticket.triaged"))[1]?.risks.map(({ id }) => id)).toContain("phone_contact");
  });

  it("says so when the desk keeps AI off, or the ticket was closed meanwhile", async () => {
    await desk.given(
      deskConfigured(aDesk({ ai: { enabled: false } }), tenant),
      on("ticket.created", aTicketCreated(WIFI)),
    );
    expect(await proposals()).toMatchObject([{ outcome: "not_run", reason: "ai_disabled" }]);
    tenant = `${tenant}b`;
    await desk.given(
      deskConfigured(aDesk(), tenant),
      on("ticket.created", aTicketCreated(WIFI, { ticketId: "tkt_2" })),
    );
    const closed = {
      ticketId: "tkt_2",
      reference: "AC-1",
      aggregateVersion: 2,
      conversationVersion: 1,
      actor: { kind: "person", id: "lea" },
      change: "closed",
      before: {},
      after: {},
    };
    await desk.given(on("ticket.changed", closed));
    await desk.given(on("context.retrieved", aContext({ ticketId: "tkt_2" })));
    expect(await proposals()).toMatchObject([{ outcome: "not_run", reason: "ticket_closed" }]);
  });

  it("makes a draft again, under another id, when the source that it cites has changed", async () => {
    await desk.given(deskConfigured(aDesk(), tenant), examplesOf(tenant));
    await desk.given(on("ticket.created", aTicketCreated(WIFI)));
    await desk.given(on("context.retrieved", aContext()));
    const [first] = await proposals();
    const retired = {
      ticketId: "tkt_1",
      reference: "AC-1",
      aggregateVersion: 2,
      conversationVersion: 1,
      draftId: first?.draftId,
      reason: "source_changed",
      supersededBy: null,
    };
    await desk.given(on("ai.draft.retired", retired));
    await desk.given(on("context.retrieved", aContext()));
    await desk.given(on("ai.draft.retired", { ...retired, reason: "newer_message" }));
    const all = await proposals();
    expect(all).toHaveLength(2);
    expect(all[1]).toMatchObject({ outcome: "proposed", conversationVersion: 1 });
    expect(all[1]?.draftId).not.toBe(first?.draftId);
  });

  it("trains once the last part of a set has come, in any order, and never twice on the same examples", async () => {
    await desk.given(deskConfigured(aDesk(), tenant));
    const part = (set: string, index: number, examples: typeof EXAMPLES): Given =>
      on("examples.submitted", { set, part: index, parts: 2, examples: [...examples] });
    await desk.given(part("a", 1, EXAMPLES.slice(8)));
    expect(await published("router.trained")).toEqual([]);
    await desk.given(part("a", 0, EXAMPLES.slice(0, 8)));
    expect(await published("router.trained")).toHaveLength(1);
    await desk.given(part("b", 0, EXAMPLES.slice(0, 8)), part("b", 1, EXAMPLES.slice(8)));
    expect(await published("router.trained")).toHaveLength(1);
    const [model] = await desk.query<{ ref: string }>(
      sql`select artefact_ref as ref from triage.router_models where tenant = ${tenant}`,
    );
    expect(await desk.blobs.get(model?.ref ?? "")).toBeDefined();
  });

  it("trains by the desk that the examples were checked against, whichever comes first", async () => {
    await desk.given(deskConfigured({ ...aDesk(), categories: [] }, tenant));
    await desk.given(
      on("examples.submitted", { set: "a", part: 0, parts: 1, deskVersion: 2, examples: [...EXAMPLES] }),
    );
    expect(await published("ai.run.recorded")).toEqual([]);
    await desk.given(deskConfigured(aDesk(), tenant, 2));
    expect(await published("router.trained")).toHaveLength(1);
  });

  it("takes a shadow's router from its base tenant, and learns nothing from it", async () => {
    await desk.given(deskConfigured(aDesk(), tenant), examplesOf(tenant));
    tenant = `${tenant}~eval`;
    await desk.given(deskConfigured(aDesk(), tenant), examplesOf(tenant));
    await desk.given(on("ticket.created", aTicketCreated(WIFI, { ticketId: "tkt_s" })));
    expect(await published("ticket.triaged")).toMatchObject([{ outcome: "triaged", categoryId: "network" }]);
    expect(await published("router.trained")).toEqual([]);
  });

  it("learns a reviewer's category, and follows up on what a person took over", async () => {
    await desk.given(
      deskConfigured(aDesk(), tenant),
      examplesOf(tenant),
      on("ticket.created", aTicketCreated("The Wi-Fi drops on floor 3, laptop NG-LT-20417.")),
    );
    await desk.given(on("context.retrieved", aContext()));
    const [first] = await proposals();
    await desk.given(
      on("ai.draft.reviewed", {
        ticketId: "tkt_1",
        reference: "AC-1",
        aggregateVersion: 2,
        conversationVersion: 1,
        reviewId: "rev_1",
        draftId: first?.draftId,
        decisionId: "d1",
        decision: "taken_over",
        actor: { kind: "person", id: "olu" },
        via: "console",
        text: null,
        sentences: [],
        edit: null,
        decidedAt: "2026-11-22T15:00:00Z",
        openedEvidence: [],
        categoryId: "printer",
        fingerprint: "0".repeat(64),
      }),
    );
    expect(await published("followup.suggested")).toMatchObject([
      { ownerId: "olu", title: "Answer Dana Okafor about AC-1" },
    ]);
    const learned = await desk.query<{ category: string }>(
      sql`select category_id as category from triage.examples where tenant = ${tenant} and origin = 'correction'`,
    );
    expect(learned).toEqual([{ category: "printer" }]);
  });

  it("takes a text that JSON in Postgres refuses", async () => {
    await desk.given(
      deskConfigured(aDesk(), tenant),
      on("ticket.created", aTicketCreated("The Wi-Fi \u0000 drops \ud83d now.", { ticketId: "tkt_odd" })),
    );
    expect(await published("ticket.triaged")).toHaveLength(1);
  });
});

describe("triage with an outside model", () => {
  let endpoint: ModelEndpoint;
  let outside: Harness;
  beforeAll(async () => {
    endpoint = await startModelEndpoint();
    outside = await startHarness(triageService, {
      environment: {
        MODEL: "claude-haiku-5-5",
        ANTHROPIC_API_KEY: "sk-secret",
        ANTHROPIC_BASE_URL: endpoint.url,
        MODEL_TIMEOUT_MS: "5000",
      },
    });
  }, 90_000);
  afterAll(async () => {
    await outside.stop();
    await endpoint.close();
  });
  const drafted = async () =>
    (await outside.published<AiDraftProposed>("ai.draft.proposed"))
      .filter((event) => event.tenantid === tenant)
      .map((event) => event.data);

  it("takes a ticket to a draft without a trained router, and records what it cost", async () => {
    await outside.given(deskConfigured(aDesk(), tenant), on("ticket.created", aTicketCreated(WIFI)));
    await outside.given(on("context.retrieved", aContext()));
    const [proposal] = await drafted();
    expect(proposal).toMatchObject({
      outcome: "proposed",
      categoryId: "network",
      priority: "urgent",
      templateId: "wifi-drops",
      model: "claude-haiku-5-5",
      runs: [{ outcome: "succeeded" }],
    });
    expect(proposal?.promptVersion).toMatch(/^ask-[0-9a-f]{12}$/);
    expect(proposal?.risks.map(({ id }) => id)).toEqual(["phone_contact", "urgent"]);
    const runs = await outside.query<{ cost_micros: number; model: string }>(
      sql`select model, cost_micros::int from triage.ai_runs where tenant = ${tenant}`,
    );
    expect(runs).toHaveLength(2);
    for (const run of runs) expect(run).toMatchObject({ model: "claude-haiku-5-5" });
    for (const { cost_micros } of runs) expect(cost_micros).toBeGreaterThan(0);
  });

  it("asks again after a failure, and ends what is refused as failed without asking again", async () => {
    const asked = endpoint.asked();
    endpoint.manner = "failing";
    setTimeout(() => void (endpoint.manner = "well"), 500);
    await outside.given(deskConfigured(aDesk(), tenant), on("ticket.created", aTicketCreated(WIFI)));
    for (let tries = 0; tries < 100 && endpoint.asked() < asked + 2; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(endpoint.asked()).toBe(asked + 2);
    const { reply } = endpoint;
    endpoint.reply = () => ({ status: 401, body: "{}" });
    await outside.given(on("context.retrieved", aContext()));
    endpoint.reply = reply;
    expect(await drafted()).toMatchObject([
      { outcome: "failed", reason: "model_access_denied", categoryId: "network", runs: [{ outcome: "failed" }] },
    ]);
    expect(endpoint.asked()).toBe(asked + 3);
  }, 30_000);
});
