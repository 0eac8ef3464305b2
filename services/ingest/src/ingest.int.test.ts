import { type Sql, sql } from "@opsdesk/database";
import { sha256Hex } from "@opsdesk/identity";
import { type Harness, startHarness } from "@opsdesk/service/testing";
import { LEAVING } from "./decide/send-reply.ts";
import { packFiles } from "./pack.fixture.ts";
import { settleReplies } from "./store/queued-replies.ts";
import { saveTickets } from "./store/save-tickets.ts";
import { tellBreaches } from "./timers/tell-breaches.ts";
import { ingestService } from "./wiring.ts";

const INSTALL_KEY = "install-key-for-tests-only";
let desk: Harness;
let apiKey: string;
let otherKey: string;

const call = async (
  method: "GET" | "POST" | "PUT",
  url: string,
  body?: object,
  key = apiKey,
  headers: Record<string, string> = {},
) => {
  const response = await desk.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: response.statusCode, body: response.json<Record<string, never>>() };
};

beforeAll(async () => {
  desk = await startHarness(ingestService, {
    environment: { INSTALL_KEY_SHA256: sha256Hex(INSTALL_KEY), REPLY_CHANNEL: "capture" },
  });
  const made = await call("POST", "/v1/businesses", { id: "it-helpdesk", name: "Harbour IT" }, INSTALL_KEY);
  expect(made.status).toBe(201);
  apiKey = made.body["apiKey"] as unknown as string;
  const other = await call("POST", "/v1/businesses", { id: "other-desk", name: "Other" }, INSTALL_KEY);
  otherKey = other.body["apiKey"] as unknown as string;
}, 120_000);
afterAll(() => desk.stop());

describe("businesses and the desk", () => {
  it("tells everyone of a new business and its key before it has a pack", async () => {
    const configured = await desk.published<{
      version: number;
      desk: { ai: { enabled: boolean }; apiKeys: { sha256: string }[] };
    }>("desk.configured");
    const own = configured.filter((event) => event.tenantid === "it-helpdesk");
    expect(own).toHaveLength(1);
    expect(own[0]?.data).toMatchObject({
      version: 1,
      desk: { ai: { enabled: false }, apiKeys: [{ sha256: sha256Hex(apiKey) }] },
    });
    const shadow = configured.find((event) => event.tenantid === "it-helpdesk~eval");
    expect(shadow?.data.desk.apiKeys).toEqual([]);
  });

  it("refuses a wrong installation key and a business that exists", async () => {
    expect(await call("POST", "/v1/businesses", { id: "x-desk", name: "X" }, "wrong-key-of-some-length")).toMatchObject(
      { status: 401, body: { code: "unauthenticated" } },
    );
    expect(await call("POST", "/v1/businesses", { id: "it-helpdesk", name: "X" }, INSTALL_KEY)).toMatchObject({
      status: 409,
      body: { code: "business_conflict" },
    });
  });

  it("lists every problem of a pack with file and line, and applies none of it", async () => {
    const wrong = await call("PUT", "/v1/desk", {
      files: packFiles({ "policy.yaml": "autoSend: yes\n", "templates/wifi.md": "no front matter" }),
    });
    expect(wrong).toMatchObject({ status: 422, body: { code: "desk_pack_invalid" } });
    const listed = wrong.body["problems"] as unknown as { file: string; line: number }[];
    expect(new Set(listed.map((problem) => problem.file))).toEqual(new Set(["policy.yaml", "templates/wifi.md"]));
  });

  it("applies a pack once: desk, examples and documents, each for the business and its shadow", async () => {
    const before = (await desk.published()).length;
    expect(await call("PUT", "/v1/desk", { files: packFiles() })).toMatchObject({
      status: 200,
      body: { version: 2, changed: true, examples: 4, documentsSubmitted: ["printers", "wifi-playbook"] },
    });
    await desk.settle();
    const added = (await desk.published()).slice(before);
    expect(added.map((event) => `${event.type} ${event.tenantid}`).toSorted()).toEqual([
      "desk.configured it-helpdesk",
      "desk.configured it-helpdesk~eval",
      "examples.submitted it-helpdesk",
      "knowledge.source_submitted it-helpdesk",
      "knowledge.source_submitted it-helpdesk",
      "knowledge.source_submitted it-helpdesk~eval",
      "knowledge.source_submitted it-helpdesk~eval",
    ]);
    expect(await call("PUT", "/v1/desk", { files: packFiles() })).toMatchObject({
      status: 200,
      body: { version: 2, changed: false },
    });
    expect((await desk.published()).length).toBe(before + added.length);
  });

  it("submits only the document that changed and retires the one that is gone", async () => {
    const before = (await desk.published()).length;
    const files = packFiles({
      "knowledge/printers.md": undefined,
      "knowledge/wifi-playbook.md": packFiles()["knowledge/wifi-playbook.md"]?.replace("join it", "then join it") ?? "",
    });
    expect(await call("PUT", "/v1/desk", { files })).toMatchObject({
      body: {
        version: 2,
        changed: true,
        examples: 0,
        documentsSubmitted: ["wifi-playbook"],
        documentsRetired: ["printers"],
      },
    });
    await desk.settle();
    const added = (await desk.published()).slice(before);
    expect(added.map((event) => `${event.type} ${event.tenantid}`).toSorted()).toEqual([
      "admin.command_submitted it-helpdesk",
      "admin.command_submitted it-helpdesk~eval",
      "knowledge.source_submitted it-helpdesk",
      "knowledge.source_submitted it-helpdesk~eval",
    ]);
  });

  it("answers a repeated request without doing anything, and refuses its key for other files", async () => {
    const files = packFiles({ "knowledge/printers.md": undefined });
    const key = { "idempotency-key": "pack-1" };
    expect(await call("PUT", "/v1/desk", { files }, apiKey, key)).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    expect(await call("PUT", "/v1/desk", { files }, apiKey, key)).toMatchObject({
      status: 200,
      body: { changed: false },
    });
    expect(await call("PUT", "/v1/desk", { files: packFiles() }, apiKey, key)).toMatchObject({
      status: 409,
      body: { code: "idempotency_key_reused" },
    });
  });

  it("takes examples for its own categories, in parts, once", async () => {
    const examples = Array.from({ length: 450 }, (_, index) => ({
      text: `the wifi drops ${index}`,
      categoryId: "network",
    }));
    const submitted = { status: 202, body: { parts: 3, examples: 450 } };
    expect(await call("POST", "/v1/examples", { set: "more", examples })).toMatchObject(submitted);
    expect(await call("POST", "/v1/examples", { set: "more", examples })).toMatchObject(submitted);
    await desk.settle();
    const parts = (
      await desk.published<{ set: string; part: number; examples: unknown[] }>("examples.submitted")
    ).filter((event) => event.data.set === "more");
    expect(parts.map((event) => event.data.examples.length)).toEqual([200, 200, 50]);
    const wrong = await call("POST", "/v1/examples", { examples: [{ text: "x", categoryId: "made-up" }] });
    expect(wrong).toMatchObject({ status: 422, body: { code: "category_not_in_desk" } });
  });

  it("refuses the pack of another business", async () => {
    expect(await call("PUT", "/v1/desk", { files: packFiles() }, otherKey)).toMatchObject({
      status: 422,
      body: { code: "business_mismatch" },
    });
  });
});

describe("enquiries", () => {
  const wifi = {
    channel: "email",
    from: { name: "Sam Okoro", email: "Sam@corp.example" },
    subject: "Wi-Fi",
    text: "It drops every day at 2 pm. Please call me urgently.",
    externalId: "crm-1",
  };

  it("makes OD-1025 of the first and answers the same for the same", async () => {
    const first = await call("POST", "/v1/enquiries", wifi);
    expect(first).toMatchObject({
      status: 202,
      body: { reference: "OD-1025", links: { ticket: "/v1/tickets/OD-1025" } },
    });
    expect(await call("POST", "/v1/enquiries", wifi)).toEqual(first);
    expect(await call("POST", "/v1/enquiries", wifi, apiKey, { "idempotency-key": "abc" })).toEqual(first);
    expect(await call("GET", "/v1/enquiries/api/crm-1")).toMatchObject({ status: 200, body: first.body });
    await desk.settle();
    const created = await desk.published<{ reference: string; message: { text: string } }>("ticket.created");
    expect(created).toHaveLength(1);
    expect(created[0]?.data).toMatchObject({
      reference: "OD-1025",
      message: { text: wifi.text },
      priority: "normal",
      deskVersion: 2,
    });
    expect(created[0]?.correlationid).toBe(first.body["correlationId"]);
  });

  it("refuses the same external id or key with other content", async () => {
    expect(await call("POST", "/v1/enquiries", { ...wifi, text: "something else" })).toMatchObject({
      status: 409,
      body: { code: "external_id_reused" },
    });
    const keyed = { ...wifi, externalId: "crm-k", text: "keyed" };
    expect(await call("POST", "/v1/enquiries", keyed, apiKey, { "idempotency-key": "k1" })).toMatchObject({
      status: 202,
    });
    expect(
      await call("POST", "/v1/enquiries", { ...keyed, text: "other", externalId: "crm-k2" }, apiKey, {
        "idempotency-key": "k1",
      }),
    ).toMatchObject({ status: 409 });
  });

  it("keeps tenants apart: the same external id is another ticket, and references do not reach across", async () => {
    const theirs = await call("POST", "/v1/enquiries", wifi, otherKey);
    expect(theirs).toMatchObject({ status: 202, body: { reference: "T-1" } });
    expect(await call("GET", "/v1/tickets/OD-1025", undefined, otherKey)).toMatchObject({ status: 404 });
    const crossing = await call(
      "POST",
      "/v1/enquiries",
      {
        ...wifi,
        externalId: "x-1",
        references: [(await call("GET", "/v1/tickets/OD-1025")).body["ticketId"], "crm-k"],
      },
      otherKey,
    );
    expect(crossing).toMatchObject({ body: { reference: "T-2" } });
  });

  it("threads by topic and within one batch, and numbers without gaps", async () => {
    const start = await call("POST", "/v1/enquiries", { ...wifi, externalId: "n-0" });
    const number = Number(String(start.body["reference"]).slice(3));
    const enquiry = (externalId: string, references?: string[]) => ({
      type: "enquiry.submitted" as const,
      source: "api",
      key: "it-helpdesk:thread",
      data: {
        channel: "web",
        from: { name: "Kim" },
        text: `text of ${externalId}`,
        externalId,
        ...(references === undefined ? {} : { references }),
      },
    });
    await desk.given(enquiry("n-1"), enquiry("n-2", ["n-1"]), enquiry("n-3"), enquiry("n-1"));
    const rows = await desk.query<{ external_id: string; reference: string; conversation_version: number }>(
      sql`select m.external_id, t.reference, t.conversation_version from ingest.ticket_messages m join ingest.tickets t using (tenant, ticket_id)
          where m.external_id like 'n-%' and m.tenant = 'it-helpdesk' order by m.external_id`,
    );
    expect(rows.map((row) => row.reference)).toEqual([
      `OD-${number}`,
      `OD-${number + 1}`,
      `OD-${number + 1}`,
      expect.any(String),
    ]);
    expect(rows[2]?.conversation_version).toBe(2);
  });

  it("refuses what no store keeps, with a code and an event", async () => {
    expect(await call("POST", "/v1/enquiries", { ...wifi, externalId: "bad-1", text: "a\u0000b" })).toMatchObject({
      status: 422,
      body: { code: "text_unsafe" },
    });
    expect(await call("POST", "/v1/enquiries", { ...wifi, externalId: "bad\ud800", text: "b" })).toMatchObject({
      status: 422,
      body: { code: "text_unsafe" },
    });
    await desk.given({
      type: "enquiry.submitted",
      source: "api",
      key: "k",
      data: { channel: "web", from: { name: "N\u0000ul" }, text: "hello", externalId: "bad-3" },
    });
    const rejected = await desk.published<{ externalId: string; reasons: { code: string }[] }>("enquiry.rejected");
    expect(rejected.find((event) => event.data.externalId === "bad-3")?.data.reasons[0]?.code).toBe("text_unsafe");
  });

  it.each([
    ["bytes", "ü".repeat(50_000)],
    ["characters", "The line drops again. ".repeat(47_000)],
  ])("keeps a text of many %s whole and tells its beginning", async (what, words) => {
    const text = `${words} end`;
    const made = await call("POST", "/v1/enquiries", { ...wifi, externalId: `long-${what}`, text });
    expect(made.status).toBe(202);
    await desk.settle();
    const event = (
      await desk.published<{
        ticketId: string;
        message: { text: string; truncated: boolean; fullText: { ref: string } };
      }>("ticket.created")
    ).find((one) => one.data.ticketId === (made.body["ticketId"] as unknown as string));
    expect(event?.data.message.truncated).toBe(true);
    expect(new TextEncoder().encode(event?.data.message.text ?? "").byteLength).toBeLessThanOrEqual(65_536);
    expect(new TextDecoder().decode(await desk.blobs.get(event?.data.message.fullText.ref ?? ""))).toBe(text);
    expect(
      (
        (await call("GET", `/v1/tickets/${String(made.body["reference"])}`)).body["messages"] as unknown as {
          text: string;
        }[]
      )[0]?.text,
    ).toBe(text);
  });

  it("answers a message that is sent again as it was answered first, whatever was written since", async () => {
    const made = await call("POST", "/v1/enquiries", {
      channel: "web",
      from: { name: "Ada", email: "ada-again@northgate.example" },
      text: "The printer is out of toner.",
    });
    const path = `/v1/tickets/${String(made.body["reference"])}/messages`;
    const first = await call("POST", path, { text: "It is the one on floor two.", externalId: "again-1" });
    await call("POST", path, { text: "And it beeps.", externalId: "again-2" });
    const again = await call("POST", path, { text: "It is the one on floor two.", externalId: "again-1" });
    expect([first.status, again]).toEqual([202, first]);
    expect(await call("POST", path, { text: "Another text.", externalId: "again-1" })).toMatchObject({
      status: 409,
      body: { code: "external_id_reused" },
    });
    const view = (await call("GET", path.replace("/messages", ""))).body;
    expect(view["messages"]).toHaveLength(3);
  });
});

describe("inbound e-mail", () => {
  const mail = (headers: string, body = "Hello there") =>
    `From: Jo Lee <jo@corp.example>\r\nTo: help@harbour.example\r\nSubject: Printer\r\n${headers}\r\n\r\n${body}\r\n`;
  const post = async (raw: string) => {
    const response = await desk.app.inject({
      method: "POST",
      url: "/v1/inbound-email",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "message/rfc822" },
      payload: raw,
    });
    return { status: response.statusCode, body: response.json<Record<string, string>>() };
  };

  it("makes a ticket, threads answers to it and to our own reply, and flags machines", async () => {
    const first = await post(mail("Message-ID: <one@corp.example>"));
    expect(first.status).toBe(202);
    const again = await post(`Received: from b\r\n${mail("Message-ID: <one@corp.example>")}`);
    expect(again.body).toEqual(first.body);
    const second = await post(mail("Message-ID: <two@corp.example>\r\nIn-Reply-To: <one@corp.example>", "More"));
    expect(second.body["ticketId"]).toBe(first.body["ticketId"]);
    await call("POST", `/v1/tickets/${first.body["reference"]}/commands`, {
      actorId: "priya",
      command: { type: "reply", text: "Have you tried turning it off?" },
    });
    await desk.settle();
    const sent = (
      await desk.published<{ ticketId: string; channelMessageId: string; carrier: string }>("reply.sent")
    ).find((event) => event.data.ticketId === first.body["ticketId"]);
    expect(sent?.data.carrier).toBe("capture");
    const third = await post(
      mail(
        `Message-ID: <three@corp.example>\r\nReferences: <else@where.example> ${sent?.data.channelMessageId}\r\nAuto-Submitted: auto-replied`,
        "I am away",
      ),
    );
    expect(third.body["ticketId"]).toBe(first.body["ticketId"]);
    const view = (await call("GET", `/v1/tickets/${first.body["reference"]}`)).body as unknown as {
      conversationVersion: number;
      messages: { automatic: boolean; kind: string }[];
    };
    expect(view.conversationVersion).toBe(4);
    expect(view.messages.map((message) => `${message.kind} ${message.automatic}`)).toEqual([
      "customer false",
      "customer false",
      "reply false",
      "customer true",
    ]);
  });

  it("refuses what is no letter and keeps it all the same", async () => {
    expect(await post("\u0001\u0002 nothing")).toMatchObject({ status: 422, body: { code: "email_invalid" } });
  });
});

describe("drafts and the release of replies", () => {
  const proposal = (ticket: Record<string, unknown>, draftId: string) => ({
    type: "ai.draft.proposed" as const,
    data: {
      ticketId: ticket["ticketId"],
      reference: ticket["reference"],
      aggregateVersion: ticket["aggregateVersion"],
      conversationVersion: ticket["conversationVersion"],
      draftId,
      outcome: "proposed",
      source: "api",
      externalId: null,
      channel: "email",
      customer: { id: "cus_1", name: "Sam" },
      subject: "Wi-Fi",
      automatic: false,
      templateId: "wifi",
      templateVersion: null,
      slots: [],
      categoryId: "network",
      outOfScope: false,
      priority: "normal",
      summary: "",
      missingInformation: [],
      risks: [],
      confidence: 0.9,
      language: "en",
      model: "m",
      promptVersion: "p",
      runs: [],
      sentences: [
        { text: "Join it again.", source: "template", citations: [{ chunkId: "c1", quote: "join it again" }] },
      ],
      evidence: [
        {
          citation: {
            sourceId: "wifi-playbook",
            version: 1,
            chunkId: "c1",
            start: 0,
            end: 5,
            quoteHash: "0".repeat(64),
            title: "t",
            uri: "u",
          },
          text: "join it again",
          kind: "playbook",
          section: "s",
          score: 1,
          legs: ["dense"],
        },
      ],
    },
  });
  const review = (ticket: Record<string, unknown>, draftId: string, decision = "approved") => ({
    type: "ai.draft.reviewed" as const,
    data: {
      ticketId: ticket["ticketId"],
      reference: ticket["reference"],
      aggregateVersion: ticket["aggregateVersion"],
      conversationVersion: ticket["conversationVersion"],
      reviewId: `rev_${draftId}`,
      draftId,
      decisionId: `dec_${draftId}`,
      decision,
      actor: { kind: "person", id: "priya" },
      via: "console",
      text: "Join it again.",
      sentences: [],
      edit: null,
      decidedAt: "2026-01-01T00:00:00Z",
      openedEvidence: [],
      categoryId: null,
      fingerprint: "0".repeat(64),
    },
  });
  const newTicket = async (externalId: string) => {
    const made = await call("POST", "/v1/enquiries", {
      channel: "web",
      from: { name: "Sam" },
      text: `about ${externalId}`,
      externalId,
    });
    return (await call("GET", `/v1/tickets/${String(made.body["reference"])}`)).body as unknown as Record<
      string,
      unknown
    >;
  };
  const messages = (ticketId: unknown) =>
    desk.query<{ kind: string; draft_id: string | null; state: string | null }>(
      sql`select kind, draft_id, state from ingest.ticket_messages where ticket_id = ${ticketId} order by conversation_version`,
    );
  const retired = async (draftId: string) =>
    (await desk.published<{ draftId: string; reason: string; detail?: string }>("ai.draft.retired"))
      .filter((event) => event.data.draftId === draftId)
      .map((event) => event.data);

  it("releases an approved draft once and sends it, also when the approval overtakes the proposal", async () => {
    const ticket = await newTicket("d-1");
    await desk.given(review(ticket, "drf_1"));
    expect(await messages(ticket["ticketId"])).toHaveLength(1);
    await desk.given(proposal(ticket, "drf_1"));
    await desk.given(review(ticket, "drf_1"));
    await waitFor(async () => (await messages(ticket["ticketId"])).some((message) => message.state === "sent"));
    await desk.settle();
    expect(await messages(ticket["ticketId"])).toEqual([
      expect.objectContaining({ kind: "customer" }),
      { kind: "reply", draft_id: "drf_1", state: "sent" },
    ]);
    const added = (await desk.published<{ draftId?: string }>("ticket.message_added")).filter(
      (event) => event.data.draftId === "drf_1",
    );
    expect(added).toHaveLength(1);
    expect(
      (await desk.published<{ draftId: string; origin: string }>("reply.sent"))
        .filter((event) => event.data.draftId === "drf_1")
        .map((event) => event.data.origin),
    ).toEqual(["reviewed"]);
    expect(await retired("drf_1")).toEqual([]);
  });

  it("retires a pending draft when a person replies, and refuses its approval", async () => {
    const ticket = await newTicket("d-2");
    await desk.given(proposal(ticket, "drf_2"));
    await call("POST", `/v1/tickets/${String(ticket["reference"])}/commands`, {
      actorId: "priya",
      command: { type: "reply", text: "I call you." },
    });
    await desk.settle();
    expect(await retired("drf_2")).toMatchObject([{ reason: "person_replied" }]);
    await desk.given(review(ticket, "drf_2"));
    expect(await retired("drf_2")).toMatchObject([
      { reason: "person_replied" },
      { reason: "apply_refused", detail: expect.stringContaining("person_replied") },
    ]);
    expect((await messages(ticket["ticketId"])).filter((message) => message.kind === "reply")).toHaveLength(1);
  });

  it("retires a draft whose source changed, and one that comes too late", async () => {
    const ticket = await newTicket("d-3");
    await desk.given(proposal(ticket, "drf_3"));
    await desk.given({
      type: "knowledge.source_indexed",
      key: "wifi-playbook",
      data: {
        sourceId: "wifi-playbook",
        version: 2,
        contentHash: "0".repeat(64),
        title: "t",
        chunks: 1,
        supersedes: 1,
      },
    });
    expect(await retired("drf_3")).toMatchObject([{ reason: "source_changed" }]);
    await call("POST", `/v1/tickets/${String(ticket["reference"])}/messages`, { text: "One more thing" });
    await desk.given(proposal(ticket, "drf_4"));
    expect(await retired("drf_4")).toMatchObject([{ reason: "newer_message" }]);
  });

  it("takes category and priority from triage unless a person has set them", async () => {
    const ticket = await newTicket("d-5");
    const triaged = (version: number, categoryId: string) => ({
      type: "ticket.triaged" as const,
      data: {
        ticketId: ticket["ticketId"],
        reference: ticket["reference"],
        aggregateVersion: 1,
        conversationVersion: version,
        outcome: "triaged",
        categoryId,
        confidence: 0.9,
        outOfScope: false,
        ranking: [],
        priority: "urgent",
        summary: "",
        missingInformation: [],
        risks: [],
        language: "en",
        searchText: "",
        runs: [],
      },
    });
    await desk.given(triaged(1, "network"));
    const view = async () =>
      (await call("GET", `/v1/tickets/${String(ticket["reference"])}`)).body as unknown as Record<string, unknown>;
    expect(await view()).toMatchObject({
      categoryId: "network",
      priority: "urgent",
      aggregateVersion: 1,
      conversationVersion: 1,
    });
    await call("POST", `/v1/tickets/${String(ticket["reference"])}/commands`, {
      actorId: "dan",
      command: { type: "set_category", categoryId: "printer" },
    });
    await desk.given(triaged(2, "network"));
    expect(await view()).toMatchObject({ categoryId: "printer", priority: "urgent", conversationVersion: 1 });
  });

  it("refuses commands with a code over HTTP and with an event by topic", async () => {
    const ticket = await newTicket("d-6");
    const url = `/v1/tickets/${String(ticket["reference"])}/commands`;
    expect(
      await call("POST", url, { actorId: "priya", expectedVersion: 9, command: { type: "reopen" } }),
    ).toMatchObject({ status: 409, body: { code: "version_conflict" } });
    expect(await call("POST", url, { actorId: "dan", command: { type: "reply", text: "no" } })).toMatchObject({
      status: 403,
      body: { code: "not_allowed" },
    });
    expect(await call("POST", url, { actorId: "nobody", command: { type: "reopen" } })).toMatchObject({
      status: 422,
      body: { code: "actor_not_in_desk" },
    });
    await desk.given({
      type: "ticket.command_submitted",
      data: {
        ticketId: ticket["ticketId"],
        actor: { kind: "person", id: "vera" },
        command: { type: "note", text: "hm" },
      },
    });
    const refused = await desk.published<{ ticketId: string; code: string }>("command.refused");
    expect(
      refused.filter((event) => event.data.ticketId === ticket["ticketId"]).map((event) => event.data.code),
    ).toEqual(["not_allowed"]);
  });

  it("does what people ask: follow up, contact, merge, close, open again", async () => {
    const ticket = await newTicket("d-7");
    const other = await newTicket("d-8");
    const url = `/v1/tickets/${String(ticket["reference"])}/commands`;
    const ask = (command: object) => call("POST", url, { actorId: "priya", command });
    expect(
      await ask({ type: "follow_up", title: "Call back", ownerId: "dan", dueAt: "2030-01-01T00:00:00Z" }),
    ).toMatchObject({ status: 202, body: { aggregateVersion: 2 } });
    const view = async () =>
      (await call("GET", `/v1/tickets/${String(ticket["reference"])}`)).body as unknown as {
        followUps: { followUpId: string; status: string }[];
        contacts: unknown[];
        status: string;
        mergedInto: string;
      };
    const [task] = (await view()).followUps;
    expect(await ask({ type: "complete_follow_up", followUpId: task?.followUpId })).toMatchObject({ status: 202 });
    expect(await ask({ type: "log_contact", channel: "phone", reached: true, said: "All good" })).toMatchObject({
      status: 202,
    });
    expect(await ask({ type: "close", resolution: "resolved" })).toMatchObject({ status: 202 });
    expect(await ask({ type: "reopen" })).toMatchObject({ status: 202, body: { conversationVersion: 2 } });
    expect(await ask({ type: "merge", intoTicketId: other["ticketId"] })).toMatchObject({ status: 202 });
    expect(await view()).toMatchObject({
      status: "closed",
      mergedInto: other["ticketId"],
      followUps: [{ status: "done" }],
      contacts: [expect.anything()],
    });
    expect(await ask({ type: "note", text: "late" })).toMatchObject({ body: { code: "ticket_merged" } });
  });
});

describe("the undo window and deadlines", () => {
  const undoSeconds = (seconds: number) =>
    packFiles({ "policy.yaml": packFiles()["policy.yaml"]?.replace("undoSeconds: 0", `undoSeconds: ${seconds}`) });

  it("does not send a reply that was taken back, and sends one that was not", async () => {
    await call("PUT", "/v1/desk", { files: undoSeconds(2) });
    const made = await call("POST", "/v1/enquiries", {
      channel: "web",
      from: { name: "Sam" },
      text: "undo me",
      externalId: "u-1",
    });
    const url = `/v1/tickets/${String(made.body["reference"])}`;
    const replies = async () =>
      (
        (await call("GET", url)).body["messages"] as unknown as { kind: string; state: string; messageId: string }[]
      ).filter((message) => message.kind === "reply");
    await call("POST", `${url}/commands`, { actorId: "priya", command: { type: "reply", text: "Oops" } });
    const [first] = await replies();
    expect(first?.state).toBe("queued");
    expect(
      await call("POST", `${url}/commands`, {
        actorId: "priya",
        command: { type: "undo_reply", messageId: first?.messageId },
      }),
    ).toMatchObject({ status: 202 });
    await call("POST", `${url}/commands`, { actorId: "priya", command: { type: "reply", text: "Better" } });
    await waitFor(async () => (await replies()).some((reply) => reply.state === "sent"));
    expect((await replies()).map((reply) => reply.state)).toEqual(["undone", "sent"]);
    await desk.settle();
    const sent = await desk.published<{ ticketId: string; text: string }>("reply.sent");
    expect(
      sent
        .filter((event) => event.data.ticketId === (made.body["ticketId"] as unknown as string))
        .map((event) => event.data.text),
    ).toEqual(["Better"]);
    await call("PUT", "/v1/desk", { files: undoSeconds(0) });
  });

  it("takes nothing back that is about to leave, though it was decided before", async () => {
    await call("PUT", "/v1/desk", { files: undoSeconds(600) });
    const enquiry = { channel: "web", from: { name: "Sam" }, text: "about to leave", externalId: "u-2" };
    const reference = String((await call("POST", "/v1/enquiries", enquiry)).body["reference"]);
    await call("POST", `/v1/tickets/${reference}/commands`, {
      actorId: "priya",
      command: { type: "reply", text: "On its way" },
    });
    const [reply] = await desk.query<{ tenant: string; messageId: string }>(
      sql`select tenant, message_id as "messageId" from ingest.ticket_messages where source_text = 'On its way'`,
    );
    if (reply === undefined) throw new TypeError("no reply");
    const undone = saveTickets([{ undone: [reply] }]).guards?.[0];
    const leaves = settleReplies([{ ...reply, state: "queued", at: LEAVING }]);
    const holds = async (guard: { held: Sql } | undefined): Promise<number> =>
      guard === undefined ? -1 : (await desk.query(guard.held)).length;
    expect([await holds(undone), await holds(leaves.guards?.[0])]).toEqual([1, 1]);
    for (const write of leaves.writes ?? []) await desk.query(write);
    // What was decided when it still could be taken back is decided again, and refused.
    expect([await holds(undone), await holds(leaves.guards?.[0])]).toEqual([0, 1]);
    await call("PUT", "/v1/desk", { files: undoSeconds(0) });
  });

  it("says once that an answer is late", async () => {
    const made = await call("POST", "/v1/enquiries", {
      channel: "web",
      from: { name: "Sam" },
      text: "late",
      externalId: "late-1",
    });
    const ticketId = made.body["ticketId"] as unknown as string;
    const timer = tellBreaches({
      database: desk.read,
      clock: { now: () => Date.now() + 365 * 86_400_000 },
      publish: (input) => desk.runtime.publish(input),
    });
    await timer.run();
    await timer.run();
    await desk.settle();
    const breached = (
      await desk.published<{ ticketId: string; change: string; aggregateVersion: number }>("ticket.changed")
    ).filter((event) => event.data.ticketId === ticketId);
    expect(breached.map((event) => event.data)).toMatchObject([{ change: "breached", aggregateVersion: 2 }]);
    expect((await call("GET", `/v1/tickets/${String(made.body["reference"])}`)).body).toMatchObject({
      aggregateVersion: 2,
      conversationVersion: 1,
    });
  });
});

async function waitFor(what: () => Promise<boolean>, ms = 15_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > until) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
