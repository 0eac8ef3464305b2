import { sql } from "@opsdesk/database";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { PROJECTIONS } from "./decide/projections.ts";
import { type Cells, type MergedTable, mergeAll } from "./store/merging.ts";
import { reviewsTable } from "./store/reviews-table.ts";
import { storiesTable } from "./store/stories-table.ts";
import { KEY, KEYS, OTHER_KEY, OTHER_KEYS, READER_KEY, aDesk } from "./testing/desk.ts";
import {
  LIFE,
  REFERENCE,
  type Said,
  TENANT,
  TICKET,
  envelopeOf,
  refused,
  required,
  retired,
  reviewIdOf,
  reviewed,
} from "./testing/life.ts";
import { consoleService, openGeneration, switchGeneration } from "./wiring.ts";
import { handlersForGeneration } from "./subscriptions.ts";
import { desksIn } from "@opsdesk/desk";

let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(consoleService);
  await desk.given(configured(TENANT, KEYS), configured("other", OTHER_KEYS), configured(`${TENANT}~eval`, []));
}, 60_000);
afterAll(() => desk.stop());

const configured = (tenant: string, apiKeys: typeof KEYS): Given => ({
  type: "desk.configured",
  tenant,
  data: { version: 1, contentHash: "0".repeat(64), desk: aDesk(apiKeys) },
});

/** The life of another ticket: every id that is its own is renamed. */
const ticketNamed = (said: readonly Said[], number: number, tenant = TENANT): readonly Given[] =>
  said.map((one) => {
    const text = JSON.stringify(one.data)
      .replaceAll(TICKET, `tkt_${number}`)
      .replaceAll(REFERENCE, `OD-${number}`)
      .replaceAll("drf_", `drf_${number}_`)
      .replaceAll("rev_", `rev_${number}_`);
    return { type: one.type, data: JSON.parse(text) as unknown, tenant, id: `${envelopeOf(one, tenant).id}:${number}` };
  });
const reviewNamed = (number: number, version: number): string => reviewIdOf(version).replace("rev_", `rev_${number}_`);

/** What the tests look at by name; the rest they compare as a whole. */
interface Answer {
  readonly items: readonly { readonly id: string; readonly reference: string; readonly type: string }[];
  readonly nextCursor: string | null;
  readonly decisionId: string;
  readonly eventId: string;
  readonly reference: string;
  readonly code: string;
  readonly steps: readonly unknown[];
  readonly events: readonly { readonly position: number }[];
  readonly required: object;
  readonly submitted: readonly object[];
}

const call = async (
  method: "GET" | "POST",
  url: string,
  body?: object,
  options: { key?: string; idempotencyKey?: string } = {},
) => {
  const response = await desk.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${options.key ?? KEY}`,
      ...(options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey }),
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: response.statusCode, body: response.json<Answer>() };
};

const kept = async (number: number): Promise<readonly Envelope[]> =>
  (
    await desk.query<{ body: string }>(
      sql`select body from console.events where ticket_id = ${`tkt_${number}`} and generation = 1`,
    )
  ).map(({ body }) => JSON.parse(body) as Envelope);

/** What merging in memory makes of the kept events, as the table's columns. */
function expected(table: MergedTable, events: readonly Envelope[], pick: "story" | "draft"): readonly object[] {
  const patches = events
    .map((event) => PROJECTIONS.find(({ type }) => type === event.type)?.project(event)[pick])
    .filter((patch) => patch !== undefined) as readonly unknown[];
  return mergeAll(table, patches as readonly Cells[]).map((row) =>
    Object.fromEntries(
      Object.entries(table.columns).map(([property, { name, rule, type }]) => {
        const value = row[property] ?? (rule === "sum" ? 0 : null);
        return [name, type === "timestamptz" && value !== null ? new Date(String(value)) : value];
      }),
    ),
  );
}

describe("the projection", () => {
  it.each([
    ["in order, one by one", 2001, (events: readonly Given[]) => events.map((one) => [one])],
    ["backwards, one by one", 2002, (events: readonly Given[]) => events.toReversed().map((one) => [one])],
    ["all at once", 2003, (events: readonly Given[]) => [events]],
    ["each of them twice", 2004, (events: readonly Given[]) => [[...events, ...events], events]],
  ])("stores what merging says when events arrive %s", async (_how, number, batches) => {
    for (const batch of batches(ticketNamed(LIFE, number))) await desk.given(...batch);
    const events = await kept(number);
    expect(events).toHaveLength(LIFE.length);
    const stories = await desk.query<Record<string, unknown>>(
      sql`select * from console.stories where ticket_id = ${`tkt_${number}`}`,
    );
    expect(stories).toHaveLength(1);
    expect(stories[0]).toMatchObject(expected(storiesTable, events, "story")[0]!);
    const drafts = await desk.query<Record<string, unknown>>(
      sql`select * from console.reviews where ticket_id = ${`tkt_${number}`} order by draft_id`,
    );
    const wanted = expected(reviewsTable, events, "draft").toSorted(
      (a, b) =>
        (a as { reference: string; conversation_version: number }).conversation_version -
        (b as { conversation_version: number }).conversation_version,
    );
    expect(drafts).toHaveLength(2);
    expect(drafts).toMatchObject(wanted);
    expect(drafts.map(({ status }) => status)).toEqual(["retired", "decided"]);
    expect(stories[0]).toMatchObject({
      status: "resolved",
      priority: "high",
      messages: 3,
      runs: 7,
      cost_micros: 49,
      deliveries: 2,
    });
  });

  it("writes in turn: whoever appends holds the lock until it has committed", async () => {
    const [held] = await desk.query<{ locks: number }>(
      sql`with l as materialized (select 1 as held where pg_advisory_xact_lock(hashtext('console.events')) is not null)
          select (select count(*) from pg_locks where locktype = 'advisory' and (select count(*) from l) = 1)::bigint as locks`,
    );
    expect(held?.locks).toBe(1);
  });

  it("fills a second generation beside the first and is read from it once it is switched", async () => {
    await desk.given(...ticketNamed(LIFE, 2100));
    await openGeneration(desk.read, 2);
    const rebuilt = await desk.runtime.rebuild(handlersForGeneration(2, desksIn("console", desk.blobs)), 2);
    await desk.settle();
    const counts = async () =>
      await desk.query<{ generation: number; events: number; stories: number; drafts: number }>(
        sql`select g.generation, (select count(*) from console.events e where e.generation = g.generation) as events,
              (select count(*) from console.stories s where s.generation = g.generation) as stories,
              (select count(*) from console.reviews r where r.generation = g.generation) as drafts
            from console.projection_generations g order by 1`,
      );
    const [first, second] = await counts();
    expect({ ...second, generation: 1 }).toEqual(first);
    const before = (await call("GET", "/v1/stories/OD-2100")).body;
    expect(await switchGeneration(desk.read, 2)).toBe(true);
    const after = (await call("GET", "/v1/stories/OD-2100")).body;
    const unplaced = (story: Answer) => ({
      ...story,
      events: story.events.map(({ position: _moved, ...event }) => event),
    });
    expect(unplaced(after)).toEqual(unplaced(before));
    expect(await switchGeneration(desk.read, 3)).toBe(false);
    expect(await switchGeneration(desk.read, 1)).toBe(true);
    await rebuilt.stop();
  });
});

describe("reading", () => {
  beforeAll(async () => {
    await desk.given(
      ...ticketNamed(LIFE, 3001),
      ...ticketNamed(LIFE.slice(0, 8), 3002),
      ...ticketNamed(LIFE, 9001, "other"),
      ...ticketNamed(LIFE, 9002, `${TENANT}~eval`),
    );
  });

  it("tells a story by reference and by id, with its ten steps", async () => {
    const { body, status } = await call("GET", "/v1/stories/OD-3001", undefined, { key: READER_KEY });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ticketId: "tkt_3001",
      reference: "OD-3001",
      status: "resolved",
      disposition: "applied",
      customer: { name: "Maya Lindqvist" },
    });
    expect(body.steps).toHaveLength(10);
    expect(body.events).toHaveLength(LIFE.length);
    expect(body.events[0]).toMatchObject({
      specversion: "1.0",
      data: expect.objectContaining({ reference: "OD-3001" }),
    });
    expect(JSON.stringify(body)).not.toContain("secret-link");
    expect((await call("GET", "/v1/stories/tkt_3001")).body.reference).toBe("OD-3001");
    expect((await call("GET", "/v1/stories/OD-3002")).body).toMatchObject({
      disposition: "gated",
      owner: { id: "priya", name: "Priya Nair" },
    });
  });

  it("shows nobody another business's tickets, nor the shadow's, unless evaluation asks for it", async () => {
    expect((await call("GET", "/v1/stories/OD-9001")).body).toMatchObject({ code: "story_not_found", status: 404 });
    expect((await call("GET", "/v1/stories/OD-9001", undefined, { key: OTHER_KEY })).status).toBe(200);
    expect((await call("GET", "/v1/stories/OD-9002")).status).toBe(404);
    expect((await call("GET", "/v1/stories/OD-9002?shadow=true")).status).toBe(200);
    expect((await call("GET", "/v1/stories/OD-9002?shadow=true", undefined, { key: READER_KEY })).body).toMatchObject({
      code: "forbidden",
      status: 403,
    });
    const listed = (await call("GET", "/v1/stories?limit=200")).body.items;
    expect(listed.map(({ reference }) => reference)).not.toContain("OD-9002");
    expect((await call("GET", `/v1/reviews/${reviewNamed(9001, 2)}`)).body.code).toBe("review_not_found");
  });

  it("lists tickets newest first, page by page, by status and by words", async () => {
    const first = (await call("GET", "/v1/stories?limit=1")).body;
    expect(first).toMatchObject({ items: [{ reference: "OD-3002" }], nextCursor: "3002" });
    expect((await call("GET", `/v1/stories?limit=1&cursor=${first.nextCursor}`)).body.items[0]?.reference).toBe(
      "OD-3001",
    );
    expect((await call("GET", "/v1/stories?status=open")).body.items.map((item) => item.reference)).toEqual([
      "OD-3002",
    ]);
    expect((await call("GET", "/v1/stories?q=od-3001")).body.items).toHaveLength(1);
    expect((await call("GET", "/v1/stories?q=lindqvist&limit=2")).body.items).toHaveLength(2);
    expect((await call("GET", "/v1/stories?q=%25")).body.items).toHaveLength(0);
    expect((await call("GET", "/v1/stories?limit=none")).body).toMatchObject({ code: "request_invalid", status: 400 });
  });

  it("pages through events of a ticket and of a type without losing one", async () => {
    const seen: string[] = [];
    for (let cursor: string | null = "0"; cursor !== null;) {
      const page: Answer = (await call("GET", `/v1/events?ticket=OD-3001&limit=5&cursor=${cursor}`)).body;
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    }
    expect(new Set(seen).size).toBe(LIFE.length);
    const typed = (await call("GET", "/v1/events?ticket=tkt_3001&type=ticket.changed,contact.logged")).body.items;
    expect(typed.map(({ type }) => type).toSorted()).toEqual([
      "contact.logged",
      "ticket.changed",
      "ticket.changed",
      "ticket.changed",
    ]);
    expect((await call("GET", "/v1/events?type=desk.configured")).body.items).toHaveLength(1);
  });

  it("lists reviews by what is due, and shows one with all that is needed to decide", async () => {
    const pending = (await call("GET", "/v1/reviews?status=pending&ticket=OD-3002")).body.items;
    expect(pending).toMatchObject([
      {
        id: reviewNamed(3002, 1),
        status: "pending",
        owner: { id: "priya" },
        customerName: "Maya Lindqvist",
        fingerprint: "0".repeat(64),
      },
    ]);
    expect((await call("GET", "/v1/reviews?owner=nobody")).body.items).toEqual([]);
    const all: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Answer = (
        await call("GET", `/v1/reviews?limit=3${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`)
      ).body;
      all.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    }
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(reviewNamed(3001, 2));
    const { body } = await call("GET", `/v1/reviews/${reviewNamed(3002, 1)}`);
    expect(body).toMatchObject({
      status: "pending",
      required: {
        missingInformation: [{ question: "Which floor?" }],
        draft: { text: "It is a scheduled scan." },
        reasons: [{ rule: "risk:phone_contact" }],
        evidence: [{ kind: "playbook" }],
      },
      submitted: [],
    });
    expect(body.required).not.toHaveProperty("decisionUrl");
  });

  it("shows a review that arrived after its retirement as retired", async () => {
    await desk.given(...ticketNamed([retired(1, 8)], 3003));
    await desk.given(...ticketNamed([required(1, 5)], 3003));
    expect((await call("GET", `/v1/reviews/${reviewNamed(3003, 1)}`)).body).toMatchObject({
      status: "retired",
      retired: { reason: "newer_message" },
    });
    expect((await call("GET", "/v1/reviews?status=pending&ticket=tkt_3003")).body.items).toEqual([]);
  });
});

describe("deciding", () => {
  const asked = { decision: "approve", actorId: "priya", fingerprint: "0".repeat(64), note: "Reads well." };
  const url = `/v1/reviews/${reviewNamed(4001, 1)}/decisions`;
  beforeAll(() => desk.given(...ticketNamed(LIFE.slice(0, 7), 4001)));

  it("publishes the decision under the enquiry's correlation and answers with its ids", async () => {
    const { body, status } = await call("POST", url, asked, { idempotencyKey: "k1" });
    expect(status).toBe(202);
    const [event] = (await desk.published<DraftDecisionSubmitted>("draft.decision_submitted")).filter(
      ({ id }) => id === body.eventId,
    );
    const required = (await kept(4001)).find(({ type }) => type === "ai.draft.review_required");
    expect(event).toMatchObject({
      correlationid: required?.correlationid,
      causationid: required?.id,
      subject: "tkt_4001",
      data: {
        decisionId: body.decisionId,
        decision: "approve",
        via: "api",
        actor: { kind: "person", id: "priya", name: "Priya Nair" },
        note: "Reads well.",
      },
    });
    expect((await call("GET", `/v1/reviews/${reviewNamed(4001, 1)}`)).body.submitted).toMatchObject([
      { decisionId: body.decisionId, actorId: "priya" },
    ]);
  });

  it("answers a repeated request with the same decision, and refuses its key for another", async () => {
    const first = await call("POST", url, asked, { idempotencyKey: "k2" });
    const again = await call("POST", url, asked, { idempotencyKey: "k2" });
    expect(again).toEqual(first);
    const sent = (await desk.published("draft.decision_submitted")).filter(({ id }) => id === first.body.eventId);
    expect(sent).toHaveLength(1);
    expect((await call("POST", url, { ...asked, decision: "reject" }, { idempotencyKey: "k2" })).body).toMatchObject({
      code: "idempotency_key_reused",
      status: 409,
    });
  });

  it("decides for nobody who is not of the desk, and about nothing that is not there", async () => {
    expect((await call("POST", url, { ...asked, actorId: "mallory" })).body).toMatchObject({
      code: "actor_not_in_desk",
      status: 422,
    });
    expect((await call("POST", "/v1/reviews/rev_none/decisions", asked)).body).toMatchObject({
      code: "review_not_found",
      status: 404,
    });
    expect((await call("POST", url, asked, { key: READER_KEY })).status).toBe(403);
    expect((await call("POST", url, { ...asked, extra: 1 })).body).toMatchObject({ code: "request_invalid" });
  });

  it("waits for the effect, or says that there is none yet", async () => {
    const early = await call("POST", `${url}?wait=1`, asked, { idempotencyKey: "k3" });
    expect(early.status).toBe(202);
    const waiting = call("POST", `${url}?wait=20`, asked, { idempotencyKey: "k3" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await desk.given(...ticketNamed([reviewed(1, 15, "approved", early.body.decisionId)], 4001));
    expect(await waiting).toMatchObject({
      status: 200,
      body: { decisionId: early.body.decisionId, effect: { decision: "approved" } },
    });
    expect((await call("GET", `/v1/reviews/${reviewNamed(4001, 1)}`)).body).toMatchObject({
      status: "decided",
      decision: { decision: "approved", actorName: "Priya Nair" },
    });
  });

  it("answers a refusal as a conflict with the gate's own code", async () => {
    const late = await call("POST", url, asked, { idempotencyKey: "k4" });
    await desk.given(...ticketNamed([refused(1, 16, late.body.decisionId, "fingerprint_changed")], 4001));
    const told = await call("POST", `${url}?wait=5`, asked, { idempotencyKey: "k4" });
    expect(told).toMatchObject({
      status: 409,
      body: { code: "fingerprint_changed", decisionId: late.body.decisionId, detail: "Too late." },
    });
  });
});
