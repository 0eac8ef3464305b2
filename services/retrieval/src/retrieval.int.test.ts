import { sql } from "@opsdesk/database";
import { sha256Hex } from "@opsdesk/identity";
import { checkProduced } from "@opsdesk/schemas";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { KnowledgeSourceIndexed } from "@opsdesk/schemas/knowledge-source-indexed";
import type { KnowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";
import { type Given, type Harness, startHarness } from "@opsdesk/service/testing";
import { aDesk, aSource, aTriaged, KEY, NOW, PASSWORD_FAQ, WIFI_PLAYBOOK } from "./testing/fixtures.ts";
import { retrievalService } from "./wiring.ts";

let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(retrievalService, { now: NOW });
  await desk.given(configured("it-helpdesk"), configured("other"));
}, 60_000);
afterAll(() => desk.stop());

const configured = (tenant: string): Given => ({
  type: "desk.configured",
  tenant,
  data: { version: 1, contentHash: "0".repeat(64), desk: aDesk(tenant === "it-helpdesk" ? {} : { apiKeys: [] }) },
});
const submitted = (source: KnowledgeSourceSubmitted, tenant = "it-helpdesk"): Given => ({
  type: "knowledge.source_submitted",
  tenant,
  data: source,
  key: source.sourceId,
});
const triaged = (changes: Parameters<typeof aTriaged>[0], tenant = "it-helpdesk"): Given => ({
  type: "ticket.triaged",
  tenant,
  data: aTriaged(changes),
});

const answerFor = async (ticketId: string): Promise<ContextRetrieved> => {
  const events = (await desk.published<ContextRetrieved>("context.retrieved")).filter(
    (event) => event.data.ticketId === ticketId,
  );
  expect(events).toHaveLength(1);
  expect(checkProduced("context.retrieved", events[0]?.data)).toEqual([]);
  return events[0]!.data;
};
const indexedFor = async (sourceId: string) =>
  (await desk.published<KnowledgeSourceIndexed>("knowledge.source_indexed")).filter(
    (event) => event.data.sourceId === sourceId,
  );

const call = async (method: "GET" | "POST" | "DELETE", url: string, body?: object, key = "k-1") =>
  await desk.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${KEY}`, "idempotency-key": key },
    ...(body === undefined ? {} : { payload: body }),
  });

describe("retrieval", () => {
  it("indexes a submitted source and cites it for a ticket, verbatim and verifiably", async () => {
    await desk.given(submitted(aSource()));
    const [indexed] = await indexedFor("wifi-playbook");
    expect(indexed?.data).toMatchObject({ version: 1, supersedes: null, contentHash: sha256Hex(WIFI_PLAYBOOK) });
    await desk.given(triaged({ ticketId: "tkt_wifi" }));
    const { outcome, evidence, runs, retrievalPolicy } = await answerFor("tkt_wifi");
    expect(outcome).toBe("found");
    expect(evidence[0]).toMatchObject({
      section: "Drops at fixed times",
      kind: "playbook",
      citation: { sourceId: "wifi-playbook", version: 1 },
    });
    for (const { citation, text } of evidence) {
      expect(WIFI_PLAYBOOK.slice(citation.start, citation.end)).toBe(text);
      expect(sha256Hex(text)).toBe(citation.quoteHash);
    }
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ outcome: "succeeded", model: "local-hash-384-v1", promptVersion: retrievalPolicy });
    expect(await desk.query(sql`select outcome from retrieval.retrieval_runs where ticket_id = 'tkt_wifi'`)).toEqual([
      { outcome: "succeeded" },
    ]);
  });

  it("changes nothing when the same content is submitted again, and makes a version of a change", async () => {
    await desk.given(submitted(aSource({ sourceId: "pw", title: "Passwords", kind: "faq", content: PASSWORD_FAQ })));
    await desk.given(submitted(aSource({ sourceId: "pw", title: "Passwords", kind: "faq", content: PASSWORD_FAQ })));
    expect(await indexedFor("pw")).toHaveLength(1);
    await desk.given(
      submitted(
        aSource({
          sourceId: "pw",
          title: "Passwords",
          kind: "faq",
          content: PASSWORD_FAQ.replace("fourteen", "sixteen"),
        }),
      ),
    );
    expect((await indexedFor("pw")).map((event) => event.data)).toMatchObject([
      { version: 1 },
      { version: 2, supersedes: 1 },
    ]);
    await desk.given(
      triaged({
        ticketId: "tkt_pw",
        searchText:
          "How do I reset my password in the password portal? How many characters does the new password need?",
      }),
    );
    const { evidence } = await answerFor("tkt_pw");
    expect(
      evidence.filter(({ citation }) => citation.sourceId === "pw").map(({ citation }) => citation.version),
    ).toEqual([2]);
    expect(evidence[0]?.text).toContain("sixteen characters");
  });

  it("keeps the order of several submissions of one source in one batch", async () => {
    const versions = [1, 2, 3].map((number) =>
      submitted(
        aSource({
          sourceId: "batched",
          title: "Batched",
          content: `# Batched\n\nKiosk printer tray number ${number}.`,
        }),
      ),
    );
    await desk.given(...versions);
    const rows = await desk.query<{ version: number; state: string; superseded: boolean }>(
      sql`select version, state, superseded_at is not null as superseded from retrieval.source_versions where source_id = 'batched' order by version`,
    );
    expect(rows.at(-1)).toEqual({ version: 3, state: "indexed", superseded: false });
    expect(rows.slice(0, 2).every((row) => row.superseded || row.state === "skipped")).toBe(true);
  });

  it("finds a source by an error code alone", async () => {
    await desk.given(triaged({ ticketId: "tkt_code", searchText: "0x80070005 again this morning" }));
    const { outcome, evidence } = await answerFor("tkt_code");
    expect(outcome).toBe("found");
    expect(evidence[0]).toMatchObject({ section: "Error 0x80070005 when joining" });
    expect(evidence[0]?.legs).toContain("identifier");
  });

  it("abstains, with its run, when nothing has much in common with the question", async () => {
    await desk.given(
      triaged({
        ticketId: "tkt_weak",
        searchText: "Could you recommend a restaurant near the harbour for our anniversary dinner on Saturday?",
      }),
    );
    const { outcome, reason, evidence, runs } = await answerFor("tkt_weak");
    expect({ outcome, reason, evidence }).toEqual({ outcome: "weak", reason: "too_little_in_common", evidence: [] });
    expect(runs).toMatchObject([{ outcome: "abstained" }]);
  });

  it("answers a ticket whose triage abstained, so that its chain goes on", async () => {
    await desk.given(triaged({ ticketId: "tkt_abstained", outcome: "abstained", categoryId: null }));
    expect(await answerFor("tkt_abstained")).toMatchObject({ outcome: "weak", reason: "triage_abstained", runs: [] });
  });

  it("never shows staff knowledge, another language's or another tenant's to a draft", async () => {
    const content = "# Zeppelin dock\n\nThe zeppelin dock in hangar nine opens with the winch lever.";
    await desk.given(
      submitted(aSource({ sourceId: "staff-only", title: "Zeppelin dock", audience: "staff", content })),
      submitted(aSource({ sourceId: "german", title: "Zeppelin dock", locale: "de", content })),
      submitted(aSource({ sourceId: "foreign", title: "Zeppelin dock", content }), "other"),
    );
    await desk.given(
      triaged({
        ticketId: "tkt_zeppelin",
        searchText: "How does the zeppelin dock in hangar nine open with the winch lever?",
      }),
    );
    const { evidence } = await answerFor("tkt_zeppelin");
    expect(evidence).toEqual([]);
    await desk.given(
      triaged(
        {
          ticketId: "tkt_zeppelin_owner",
          searchText: "How does the zeppelin dock in hangar nine open with the winch lever?",
        },
        "other",
      ),
    );
    expect((await answerFor("tkt_zeppelin_owner")).evidence.map(({ citation }) => citation.sourceId)).toEqual([
      "foreign",
    ]);
    const shown = await call("POST", "/v1/knowledge/search", {
      query: "zeppelin dock hangar nine",
      filters: { audience: "staff" },
    });
    expect(
      shown.json<{ results: { citation: { sourceId: string } }[] }>().results.map((hit) => hit.citation.sourceId),
    ).toEqual(["staff-only"]);
    const all = await call("POST", "/v1/knowledge/search", { query: "zeppelin dock hangar nine" });
    expect(
      all.json<{ results: { citation: { sourceId: string } }[] }>().results.map((hit) => hit.citation.sourceId),
    ).not.toContain("foreign");
  });

  it("keeps a version quotable until the next one is valid", async () => {
    const source = (text: string, validFrom?: string) =>
      aSource({
        sourceId: "fees",
        title: "Fees",
        content: `# Fees\n\n${text}`,
        ...(validFrom === undefined ? {} : { validFrom }),
      });
    await desk.given(submitted(source("Replacement badges cost eleven crowns.")));
    await desk.given(submitted(source("Replacement badges cost twelve crowns.", "2027-01-01T00:00:00Z")));
    const cited = async (): Promise<string> =>
      (await call("POST", "/v1/knowledge/search", { query: "replacement badges cost crowns" })).json<{
        results: { text: string }[];
      }>().results[0]?.text ?? "";
    expect(await cited()).toContain("eleven");
    desk.setNow("2027-01-02T00:00:00Z");
    expect(await cited()).toContain("twelve");
    desk.setNow(NOW);
  });

  it("refuses content that is not what its hash says, and another tenant's blob", async () => {
    await desk.given(submitted(aSource({ sourceId: "bad-hash", contentHash: "1".repeat(64) })));
    const { ref, sha256, bytes } = await desk.blobs.put("other", new TextEncoder().encode("# Secret"));
    const { content: _, ...rest } = aSource({ sourceId: "bad-blob", contentHash: sha256 });
    await desk.given({
      type: "knowledge.source_submitted",
      data: { ...rest, blob: { ref, sha256, bytes, contentType: "text/markdown" } },
      key: "bad-blob",
    });
    const { items } = await desk.runtime.deadLetters.list({ limit: 10 });
    expect(items.map((item) => item.code).toSorted()).toEqual(["blob_foreign", "content_hash_mismatch"]);
    expect(await desk.query(sql`select 1 from retrieval.knowledge_sources where source_id like 'bad-%'`)).toEqual([]);
  });

  it("records a blob that is no text as failed, and keeps answering", async () => {
    const { ref, sha256, bytes } = await desk.blobs.put("it-helpdesk", new Uint8Array([0xff, 0xfe, 0x00, 0x41]));
    const { content: _, ...rest } = aSource({ sourceId: "binary", contentHash: sha256 });
    await desk.given({
      type: "knowledge.source_submitted",
      data: { ...rest, blob: { ref, sha256, bytes, contentType: "text/plain" } },
      key: "binary",
    });
    expect(
      await desk.query(sql`select state, failure from retrieval.source_versions where source_id = 'binary'`),
    ).toEqual([{ state: "failed", failure: "content_not_text" }]);
  });

  it("serves sources by HTTP: submit, see, search, retire; and mirrors them to the shadow", async () => {
    const body = {
      sourceId: "vpn",
      title: "VPN",
      kind: "playbook",
      audience: "customer",
      content: "# VPN\n\nThe tunnel client asks for a smart card pin at the seaside branch.",
    };
    expect((await call("POST", "/v1/knowledge/sources", body, "vpn-1")).json()).toEqual({
      sourceId: "vpn",
      version: 1,
      status: "submitted",
    });
    expect((await call("POST", "/v1/knowledge/sources", body, "vpn-1")).json()).toEqual({
      sourceId: "vpn",
      version: 1,
      status: "unchanged",
    });
    const reused = await call("POST", "/v1/knowledge/sources", { ...body, content: "# Else" }, "vpn-1");
    expect([reused.statusCode, reused.json<{ code: string }>().code]).toEqual([409, "idempotency_key_reused"]);
    await desk.settle();
    const source = (await call("GET", "/v1/knowledge/sources/vpn")).json<{ status: string; versions: object[] }>();
    expect(source).toMatchObject({ status: "live", locale: "en", versions: [{ version: 1, state: "indexed" }] });
    expect(
      await desk.query(
        sql`select tenant from retrieval.source_versions where source_id = 'vpn' and state = 'indexed' order by tenant`,
      ),
    ).toEqual([{ tenant: "it-helpdesk" }, { tenant: "it-helpdesk~eval" }]);
    const search = async () =>
      (await call("POST", "/v1/knowledge/search", { query: "smart card pin for the tunnel client" })).json<{
        weak: boolean;
        results: { citation: { sourceId: string } }[];
      }>();
    const found = await search();
    expect(found.weak).toBe(false);
    expect(found.results[0]).toMatchObject({
      citation: { sourceId: "vpn" },
      legs: expect.arrayContaining([expect.objectContaining({ leg: "lexical", rank: 1 })]),
    });
    expect((await call("DELETE", "/v1/knowledge/sources/vpn", undefined, "vpn-2")).json()).toEqual({
      sourceId: "vpn",
      status: "retired",
    });
    expect((await search()).results.map((hit) => hit.citation.sourceId)).not.toContain("vpn");
    await desk.settle();
    expect(
      (await desk.published<{ sourceId: string }>("knowledge.source_retired")).map((event) => [
        event.tenantid,
        event.data.sourceId,
      ]),
    ).toContainEqual(["it-helpdesk", "vpn"]);
    const missing = await call("DELETE", "/v1/knowledge/sources/nothing", undefined, "vpn-3");
    expect([missing.statusCode, missing.json<{ code: string }>().code]).toEqual([404, "source_not_found"]);
    const page = (await call("GET", "/v1/knowledge/sources?limit=2")).json<{ items: object[]; nextCursor: string }>();
    expect(page.items).toHaveLength(2);
    expect(
      (await call("GET", `/v1/knowledge/sources?cursor=${page.nextCursor}`))
        .json<{ items: { sourceId: string }[] }>()
        .items.every((item) => item.sourceId > page.nextCursor),
    ).toBe(true);
  });

  it("brings a retired source back when it is submitted again", async () => {
    await desk.given(
      submitted(aSource({ sourceId: "phoenix", title: "Phoenix", content: "# Phoenix\n\nAshtray ember procedure." })),
    );
    const retire: Given = {
      type: "admin.command_submitted",
      data: {
        actor: { kind: "person", id: "priya" },
        target: "source",
        command: "retire",
        arguments: { sourceId: "phoenix" },
      },
      key: "it-helpdesk",
    };
    await desk.given(retire);
    await desk.given(
      submitted(aSource({ sourceId: "phoenix", title: "Phoenix", content: "# Phoenix\n\nAshtray ember procedure." })),
    );
    expect((await indexedFor("phoenix")).map((event) => event.data.version)).toEqual([1, 2]);
  });

  it("tells whoever sent a command that it cannot follow", async () => {
    await desk.given({
      type: "admin.command_submitted",
      data: {
        actor: { kind: "person", id: "priya" },
        target: "source",
        command: "explode",
        arguments: { sourceId: "pw" },
      },
      key: "it-helpdesk",
    });
    const refused = await desk.published<{ code: string }>("command.refused");
    expect(refused.map((event) => event.data.code)).toContain("command_unknown");
  });

  it("answers many tickets in one batch, each once", async () => {
    const tickets = Array.from({ length: 60 }, (_, index) =>
      triaged({
        ticketId: `tkt_many_${index}`,
        searchText: `The Wi-Fi drops every day at the same time in office ${index}`,
      }),
    );
    await desk.given(...tickets);
    const answers = (await desk.published<ContextRetrieved>("context.retrieved")).filter((event) =>
      event.data.ticketId.startsWith("tkt_many_"),
    );
    expect(answers).toHaveLength(60);
    expect(new Set(answers.map((event) => event.data.ticketId)).size).toBe(60);
    expect(
      answers.every(
        (event) => event.data.outcome === "found" && event.data.evidence[0]?.citation.sourceId === "wifi-playbook",
      ),
    ).toBe(true);
  });
});
