import { type Database, sql } from "@opsdesk/database";
import type { WebhookDelivered } from "@opsdesk/schemas/webhook-delivered";
import { type Harness, startHarness } from "@opsdesk/service/testing";
import { Webhook } from "standardwebhooks";
import { adoptSecrets, deskEndpoints } from "./store/declared-secrets.ts";
import { API_KEY, CRM_SECRET, SECRETS_KEY, aDesk, anEvent, receiver, waitFor } from "./webhook.fixture.ts";
import { webhookService } from "./wiring.ts";

const crm = await receiver();
/** Answers as its test says; 500 until it does. */
let flakyStatus = 500;
const flaky = await receiver((_request, response) => response.writeHead(flakyStatus).end("no"));
const gone = await receiver((_request, response) => response.writeHead(410).end());

let desk: Harness;
const endpoint = (name: string, url: string, events: string[]) => ({
  name,
  url,
  ownerId: "priya",
  contact: "crm@northgate.example",
  events,
});

beforeAll(async () => {
  desk = await startHarness(webhookService, {
    environment: {
      OPSDESK_SECRETS_KEY: SECRETS_KEY,
      OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: CRM_SECRET,
      OPSDESK_ENDPOINT_SECRET_EARLY__CRM: CRM_SECRET,
      OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__FLAKY: CRM_SECRET,
      OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__GONE: CRM_SECRET,
      WEBHOOK_ALLOW_ADDRESSES: [crm, flaky, gone].map(({ address }) => address).join(","),
    },
  });
  await desk.given(
    aDesk([
      endpoint("crm", crm.url, ["ai.draft.review_required", "ai.draft.reviewed", "reply.sent", "ticket.changed"]),
      endpoint("flaky", flaky.url, ["followup.suggested", "reply.failed"]),
      endpoint("gone", gone.url, ["ai.draft.retired"]),
      endpoint("silent", crm.url, ["reply.failed"]),
    ]),
  );
}, 90_000);
afterAll(async () => {
  await desk.stop();
  await Promise.all([crm.close(), flaky.close(), gone.close()]);
});

const call = (
  method: "GET" | "POST" | "PATCH" | "DELETE",
  url: string,
  body?: object,
  key = `${method}-${url}-${JSON.stringify(body)}`,
  tenant = "it-helpdesk",
) =>
  desk.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${API_KEY}-${tenant}`, "idempotency-key": key },
    ...(body === undefined ? {} : { payload: body }),
  });
const deliveriesOf = (ticketId: string) =>
  desk.query<{
    id: string;
    endpoint: string;
    state: string;
    attempts: number;
    sequence: number;
    previous: string | null;
    code: string | null;
  }>(
    sql`select d.delivery_id as id, e.name as endpoint, d.state, d.attempts, d.sequence, d.previous_id as previous, d.last_code as code
        from webhook.webhook_deliveries d join webhook.webhook_endpoints e using (tenant, endpoint_id) where d.ticket_id = ${ticketId} order by d.sequence`,
  );
const receivedFor = (ticketId: string) => crm.received.filter(({ body }) => JSON.parse(body).ticketId === ticketId);

describe("the webhook service", () => {
  it("delivers a review, signed, to the endpoint that asked for it, and says so", async () => {
    await desk.given(anEvent("ai.draft.review_required", "tkt_main", { correlationId: "corr-main" }));
    const [request, ...more] = receivedFor("tkt_main");
    expect(more).toEqual([]);
    const verified = new Webhook(CRM_SECRET).verify(request?.body ?? "", request?.headers ?? {});
    expect(verified).toMatchObject({
      type: "ai.draft.review_required",
      sequence: 1,
      previousId: null,
      correlationId: "corr-main",
      tenant: "it-helpdesk",
      ticketId: "tkt_main",
    });
    expect(verified).toHaveProperty("decisionUrl");
    expect(verified).toHaveProperty("data.draft.text");
    const [delivered] = (await desk.published<WebhookDelivered>("webhook.delivered")).filter(
      ({ data }) => data.ticketId === "tkt_main",
    );
    expect(delivered).toMatchObject({
      correlationid: "corr-main",
      subject: "tkt_main",
      data: { endpointName: "crm", attempts: 1, status: 204, eventType: "ai.draft.review_required" },
    });
    expect(request?.headers["webhook-id"]).toBe(delivered?.data.deliveryId);
    // What is kept is what was sent, byte for byte.
    const detail = (await call("GET", `/v1/webhooks/deliveries/${delivered?.data.deliveryId}`)).json();
    expect(detail).toMatchObject({
      state: "delivered",
      body: request?.body,
      chain: "holds",
      attemptLog: [{ attempt: 1, code: "delivered", status: 204 }],
    });
  });

  it("makes one delivery of an event that comes twice, and none in a shadow tenant", async () => {
    const event = anEvent("reply.sent", "tkt_twice", { id: "evt-twice" });
    await desk.given(event, event);
    await desk.given(event);
    expect(receivedFor("tkt_twice")).toHaveLength(1);
    await desk.given(
      aDesk([], 1, "it-helpdesk~eval"),
      anEvent("reply.sent", "tkt_shadow", { tenant: "it-helpdesk~eval" }),
    );
    expect(await deliveriesOf("tkt_shadow")).toEqual([]);
    const [claimed] = await desk.query<{ reason: string }>(
      sql`select reason from webhook.inbox where tenant = 'it-helpdesk~eval' and outcome = 'ignore'`,
    );
    expect(claimed?.reason).toBe("shadow_tenant");
  });

  it("numbers the deliveries of a batch without gaps and links those of a ticket", async () => {
    await desk.given(
      ...["tkt_x", "tkt_y", "tkt_x", "tkt_x"].map((ticket, n) =>
        anEvent("ticket.changed", ticket, { id: `evt-batch-${n}` }),
      ),
      anEvent("reply.sent", "tkt_x", { id: "evt-batch-r" }),
    );
    const all = await desk.query<{ sequence: number }>(
      sql`select d.sequence from webhook.webhook_deliveries d join webhook.webhook_endpoints e using (tenant, endpoint_id) where e.name = 'crm' order by 1`,
    );
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, n) => n + 1));
    const ofX = await deliveriesOf("tkt_x");
    expect(ofX.map(({ previous }) => previous)).toEqual([null, ...ofX.slice(0, -1).map(({ id }) => id)]);
    const bodies = receivedFor("tkt_x").map(({ body }) => JSON.parse(body) as { id: string; sequence: number });
    expect(bodies.map(({ id }) => id)).toEqual(ofX.map(({ id }) => id));
  });

  it("waits for the desk of a tenant whose events overtook it", async () => {
    await desk.given(anEvent("reply.sent", "tkt_early", { tenant: "early" }));
    expect(receivedFor("tkt_early")).toEqual([]);
    await desk.given(aDesk([endpoint("crm", crm.url, ["reply.sent"])], 1, "early"));
    await waitFor(() => receivedFor("tkt_early").length === 1);
  });

  it("keeps a failing ticket's order while other tickets go on, and sends the next when it has succeeded", async () => {
    await desk.given(anEvent("followup.suggested", "tkt_stuck"));
    await desk.given(anEvent("reply.failed", "tkt_stuck"));
    const [first, second] = await deliveriesOf("tkt_stuck").then((rows) =>
      rows.filter((row) => row.endpoint === "flaky"),
    );
    expect(first).toMatchObject({ state: "due", attempts: 1, code: "http_error" });
    expect(second).toMatchObject({ state: "waiting", attempts: 0 });
    flakyStatus = 200;
    await desk.given(anEvent("reply.failed", "tkt_free"));
    await waitFor(async () =>
      (await deliveriesOf("tkt_free")).some(({ endpoint, state }) => endpoint === "flaky" && state === "delivered"),
    );
    expect((await deliveriesOf("tkt_stuck")).find(({ id }) => id === first?.id)?.state).toBe("due");
    await waitFor(async () =>
      (await deliveriesOf("tkt_stuck"))
        .filter((row) => row.endpoint === "flaky")
        .every(({ state }) => state === "delivered"),
    );
    const order = flaky.received
      .map(({ body, headers }) => [JSON.parse(body).ticketId as string, headers["webhook-id"]])
      .filter(([ticket]) => ticket === "tkt_stuck");
    expect(order.map(([, id]) => id)).toEqual([first?.id, first?.id, second?.id]);
  }, 30_000);

  it("disables an endpoint that answers 410, and says so", async () => {
    await desk.given(anEvent("ai.draft.retired", "tkt_gone"));
    expect(await deliveriesOf("tkt_gone")).toMatchObject([{ state: "failed", code: "endpoint_gone" }]);
    expect((await desk.published("webhook.endpoint_disabled")).map(({ data }) => data["reason"])).toContain("gone");
    expect(await desk.published<{ code: string }>("webhook.failed")).toMatchObject([
      { data: { code: "endpoint_gone", status: 410, endpointName: "gone" } },
    ]);
    await desk.given(anEvent("ai.draft.retired", "tkt_after_gone"));
    expect(await deliveriesOf("tkt_after_gone")).toMatchObject([{ state: "held" }]);
    expect(gone.received).toHaveLength(1);
  });

  it("holds what happens while an endpoint has no secret, and sends it when asked once it has one", async () => {
    const { items } = (await call("GET", "/v1/webhooks/endpoints")).json();
    const silent = items.find(({ name }: { name: string }) => name === "silent");
    expect(silent).toMatchObject({
      status: "disabled",
      disabledReason: "secret_missing",
      disabledDetail: expect.stringContaining("OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__SILENT"),
    });
    await desk.given(anEvent("reply.failed", "tkt_held"));
    expect((await deliveriesOf("tkt_held")).find((row) => row.endpoint === "silent")?.state).toBe("held");
    expect(
      (await call("PATCH", `/v1/webhooks/endpoints/${silent.endpointId}`, { status: "enabled" })).json(),
    ).toMatchObject({ code: "endpoint_secret_missing" });
    const rotated = (await call("POST", `/v1/webhooks/endpoints/${silent.endpointId}/rotate-secret`, {})).json();
    const replayed = await call("POST", "/v1/webhooks/deliveries/replay", {
      endpointId: silent.endpointId,
      states: ["held"],
    });
    expect(replayed.statusCode).toBe(202);
    expect(replayed.json().replayed).toBeGreaterThan(0);
    await waitFor(() => receivedFor("tkt_held").length === 1);
    const [request] = receivedFor("tkt_held");
    expect(() => new Webhook(rotated.secret).verify(request?.body ?? "", request?.headers ?? {})).not.toThrow();
  });

  it("shows a secret once, keeps it encrypted, and signs with old and new while a rotation lasts", async () => {
    const body = { name: "second", url: crm.url, ownerId: "priya", contact: "a@b.example", events: ["*"] };
    const made = await call("POST", "/v1/webhooks/endpoints", body, "make-second");
    expect(made.statusCode).toBe(201);
    const { secret, endpointId } = made.json();
    expect((await call("POST", "/v1/webhooks/endpoints", body, "make-second")).json()).toMatchObject({
      endpointId,
      secret: null,
    });
    expect(
      (await call("POST", "/v1/webhooks/endpoints", { ...body, name: "third" }, "make-second")).json(),
    ).toMatchObject({ code: "idempotency_key_reused" });
    const rows = await desk.query<{ all: string }>(
      sql`select (select json_agg(s) from webhook.endpoint_secrets s)::text || (select coalesce(json_agg(o), '[]') from webhook.outbox o)::text as all`,
    );
    expect(rows[0]?.all).not.toContain(secret.slice(6));
    const rotated = (await call("POST", `/v1/webhooks/endpoints/${endpointId}/rotate-secret`, {})).json();
    const { deliveryId } = (await call("POST", `/v1/webhooks/endpoints/${endpointId}/test`)).json();
    await waitFor(() => crm.received.some(({ headers }) => headers["webhook-id"] === deliveryId));
    const request = crm.received.find(({ headers }) => headers["webhook-id"] === deliveryId);
    expect(request?.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const one of [secret, rotated.secret])
      expect(new Webhook(one).verify(request?.body ?? "", request?.headers ?? {})).toMatchObject({
        type: "webhook.test",
      });
    expect((await call("DELETE", `/v1/webhooks/endpoints/${endpointId}`)).statusCode).toBe(200);
    expect((await call("GET", `/v1/webhooks/endpoints/${endpointId}`)).statusCode).toBe(404);
  });

  it("refuses addresses that may not be called, strangers as owners, and keys of other tenants", async () => {
    const body = { name: "bad", url: crm.url, ownerId: "priya", contact: "a@b.example", events: ["reply.sent"] };
    for (const url of [
      "https://169.254.169.254/latest",
      "https://[::1]/",
      "https://0x7f.1/",
      "http://example.com/",
      "https://localhost/",
    ])
      expect((await call("POST", "/v1/webhooks/endpoints", { ...body, url })).json()).toMatchObject({
        code: "endpoint_url_refused",
        status: 422,
      });
    expect((await call("POST", "/v1/webhooks/endpoints", { ...body, ownerId: "nobody" })).json()).toMatchObject({
      code: "owner_unknown",
    });
    expect((await call("POST", "/v1/webhooks/endpoints", { ...body, events: ["nothing.known"] })).json()).toMatchObject(
      { code: "arguments_invalid" },
    );
    const [mine] = (await call("GET", "/v1/webhooks/deliveries?limit=1")).json().items;
    expect((await call("GET", `/v1/webhooks/deliveries/${mine.deliveryId}`, undefined, "k", "early")).statusCode).toBe(
      404,
    );
    expect((await desk.app.inject({ method: "GET", url: "/v1/webhooks/deliveries" })).statusCode).toBe(401);
  });

  it("takes up the secrets that an operator has configured since, once, with an overlap", async () => {
    await desk.given(aDesk([endpoint("late-one", crm.url, ["reply.sent"])], 1, "late"));
    const state = async () => {
      const [row] = await desk.query<{ status: string; secrets: { id: string; ends: boolean }[] }>(
        sql`select e.status, (select coalesce(json_agg(json_build_object('id', s.secret_id, 'ends', s.expires_at is not null) order by s.secret_id), '[]') from webhook.endpoint_secrets s
              where s.tenant = e.tenant and s.endpoint_id = e.endpoint_id) as secrets from webhook.webhook_endpoints e where e.tenant = 'late'`,
      );
      return row;
    };
    // The harness reads with the service's own database.
    const late = (await deskEndpoints(desk.read)).filter(({ tenant }) => tenant === "late");
    expect(late).toMatchObject([{ name: "late-one" }]);
    const adopt = (secretId: string) =>
      adoptSecrets(
        desk.read as Database,
        late.map(({ endpointId, tenant }) => ({ tenant, endpointId, secretId, sealed: "v1.00" })),
        "2026-11-22T10:00:00Z",
        "2026-11-23T10:00:00Z",
      );
    expect(await state()).toEqual({ status: "disabled", secrets: [] });
    await adopt("sec_a");
    expect(await state()).toEqual({ status: "enabled", secrets: [{ id: "sec_a", ends: false }] });
    await adopt("sec_b");
    await adopt("sec_a");
    expect((await state())?.secrets).toEqual([
      { id: "sec_a", ends: true },
      { id: "sec_b", ends: false },
    ]);
  });

  it("pages through deliveries, and lets a consumer catch up from a number", async () => {
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = (await call("GET", `/v1/webhooks/deliveries?limit=3${cursor}`)).json();
      seen.push(...page.items.map(({ deliveryId }: { deliveryId: string }) => deliveryId));
      cursor = page.nextCursor === null ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (cursor !== "");
    const [{ all } = { all: 0 }] = await desk.query<{ all: number }>(
      sql`select count(*) as all from webhook.webhook_deliveries where tenant = 'it-helpdesk'`,
    );
    expect(new Set(seen).size).toBe(all);
    expect(seen).toHaveLength(all);
    const crmId = (await call("GET", "/v1/webhooks/endpoints"))
      .json()
      .items.find(({ name }: { name: string }) => name === "crm").endpointId;
    const { items } = (await call("GET", `/v1/webhooks/deliveries?endpointId=${crmId}&afterSequence=2&limit=2`)).json();
    expect(items.map(({ sequence }: { sequence: number }) => sequence)).toEqual([3, 4]);
  });

  it("takes one decision for a link, and hands it on with its proof", async () => {
    const event = anEvent("ai.draft.review_required", "tkt_decide");
    const data = {
      ...(event.data as Record<string, unknown>),
      reviewId: "rev_decide",
      decisionUrl: "https://desk.example/v1/decisions/rev_decide?token=1.abc",
      decisionUrlExpiresAt: "2099-01-01T00:00:00Z",
    };
    await desk.given({ ...event, data });
    const decide = (payload: object, token = "?token=1.abc") =>
      desk.app.inject({ method: "POST", url: `/v1/decisions/rev_decide${token}`, payload });
    expect((await decide({ decision: "approve" }, "")).json()).toMatchObject({ code: "arguments_invalid" });
    expect((await decide({ decision: "approve" }, "?token=1.abd")).json()).toMatchObject({
      code: "decision_token_unknown",
      status: 404,
    });
    const [one, two] = await Promise.all([decide({ decision: "approve" }), decide({ decision: "approve" })]);
    expect([one.statusCode, two.statusCode]).toEqual([202, 202]);
    expect(one.json()).toEqual(two.json());
    expect((await decide({ decision: "reject" })).json()).toMatchObject({
      code: "decision_already_closed",
      status: 409,
    });
    await desk.settle();
    const decisions = await desk.published<{ fingerprint: string }>("draft.decision_submitted");
    expect(decisions).toHaveLength(1);
    expect(decisions[0]?.data).toMatchObject({
      reviewId: "rev_decide",
      ticketId: "tkt_decide",
      decision: "approve",
      via: "decision_link",
      proof: "1.abc",
      fingerprint: data["fingerprint" as never],
    });
  });
});
