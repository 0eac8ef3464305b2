import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { playScenario, referenceMail } from "@opsdesk/opsdesk/scenario";
import { spans as registered } from "@opsdesk/telemetry";
import { freePort } from "../faults/desk-process.ts";
import { startCrm } from "./crm.ts";
import { type ExportedSpan, type OtlpReceiver, startOtlpReceiver } from "./otlp-receiver.ts";
import { isConventional, kindsSeen, problemOf, unconventional } from "./registry.ts";

/** A desk as its users run it, and an OTLP receiver and a CRM beside it: what goes out is looked at, not the code. */
const MAIN = fileURLToPath(new URL("../../apps/opsdesk/src/main.ts", import.meta.url));
const PAGE = new URL("../../docs/telemetry.md", import.meta.url);
const API_KEY = `odk_${"visible-api-key-".repeat(3)}`;
const INSTALL_KEY = `odk_${"visible-install-key-".repeat(2)}`;
const ENDPOINT_SECRET = `whsec_${Buffer.from("visible-endpoint-secret-of-32-by").toString("base64")}`;
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const UPSTREAM = `00-${TRACE}-b7ad6b7169203331-01`;
const TEXT = "My zebra-striped quokka projector in room nine hums a lullaby since Tuesday.";
const EMAIL = "visible.customer@quokka.example";
const REFUSAL = "the CRM says something private";

/** Nothing of these may be in a log line, a span or a metric. */
const PRIVATE: readonly string[] = [
  TEXT,
  "quokka",
  "lullaby",
  "visible.customer",
  "Wi-Fi drops",
  "northgate.example",
  "Maya",
  "visible-api-key",
  "visible-install-key",
  ENDPOINT_SECRET,
  ENDPOINT_SECRET.slice(6, 20),
  REFUSAL,
  "a-token-in-the-path",
  "not-a-key-of-anybody",
  "half-a-json",
];

let folder: string;
let receiver: OtlpReceiver;
let crm: Awaited<ReturnType<typeof startCrm>>;
let metrics = "";
let log = "";
let desk: ChildProcess;
let ofUpstream: readonly ExportedSpan[] = [];

async function startUp(more: Readonly<Record<string, string>>): Promise<string> {
  const port = await freePort();
  desk = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", MAIN, "up"], {
    env: {
      PATH: process.env["PATH"],
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      OPSDESK_DATA_DIR: join(folder, "data"),
      OPSDESK_INSTALL_KEY: INSTALL_KEY,
      OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: ENDPOINT_SECRET,
      WEBHOOK_ALLOW_ADDRESSES: crm.address,
      PORT: String(port),
      LOG_LEVEL: "trace",
      ...more,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [desk.stdout, desk.stderr]) stream?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true, 120_000);
  return url;
}

async function stopDesk(): Promise<number | null> {
  const exited = once(desk, "exit");
  desk.kill("SIGTERM");
  return ((await exited) as [number | null])[0];
}

async function until(what: () => Promise<boolean> | boolean, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !(await what()); await sleep(50))
    if (performance.now() > end) throw new Error(`it never happened: ${what.toString()}\n${log.slice(-2_000)}`);
}

const enquiry = (url: string, externalId: string, traceparent: string, key = API_KEY) =>
  fetch(`${url}/v1/enquiries`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", traceparent },
    body: JSON.stringify({
      channel: "web",
      from: { name: "Q", email: EMAIL },
      subject: "quokka",
      text: TEXT,
      externalId,
    }),
  });

const deliveredOf = (externalId: string) =>
  crm.delivered.find(({ body }) => body.includes("ai.draft.review_required") && body.includes(`"${externalId}"`));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-telemetry-"));
  receiver = await startOtlpReceiver();
  crm = await startCrm(REFUSAL);
  const url = await startUp({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const api = client(url, await createBusiness(client(url, INSTALL_KEY), undefined, API_KEY));
  const pack = await applySampleDesk(api, crm.url, () => undefined);
  await playScenario(api, referenceMail(pack.desk.scenarios));
  expect((await enquiry(url, "with-trace", UPSTREAM)).status).toBe(202);
  expect((await enquiry(url, "refused", UPSTREAM, "odk_not-a-key-of-anybody-at-all")).status).toBe(401);
  const broken = await fetch(`${url}/v1/enquiries`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: `{"text": "half-a-json ${EMAIL}`,
  });
  expect(broken.status).toBe(400);
  await until(() => deliveredOf("with-trace") !== undefined);
  // Each service measures by a clock of its own.
  await until(async () => {
    metrics = await (await fetch(`${url}/metrics`)).text();
    return ["console", "ingest", "triage"].every((name) => metrics.includes(`opsdesk_lag_events{service="${name}"`));
  });
  await until(async () => (await fetch(`${url}/idlez`)).ok);
  expect(await stopDesk()).toBe(0);
  ofUpstream = receiver.spans.filter((span) => span.traceId === TRACE);
}, 300_000);

afterAll(async () => {
  if (desk.exitCode === null) desk.kill("SIGKILL");
  await Promise.all([receiver.stop(), crm.stop()]);
  await rm(folder, { recursive: true, force: true });
}, 30_000);

const byId = (): ReadonlyMap<string, ExportedSpan> => new Map(receiver.spans.map((span) => [span.spanId, span]));

describe("one enquiry", () => {
  const trace = (): readonly ExportedSpan[] => {
    const [mail] = receiver.spans.filter((span) => span.name === "POST /v1/inbound-email");
    return receiver.spans.filter((span) => span.traceId === mail?.traceId);
  };

  it("is one trace from its request through every service on its way to the webhook", () => {
    const services = new Set(trace().map((span) => span.attributes["opsdesk.service"]));
    expect([...services]).toEqual(
      expect.arrayContaining(["ingest", "triage", "retrieval", "safety-gate", "webhook", "console", "evaluation"]),
    );
    const names = new Set(trace().map((span) => span.name));
    for (const topic of [
      "ticket.created",
      "ticket.triaged",
      "context.retrieved",
      "ai.draft.proposed",
      "ai.draft.review_required",
    ])
      expect(names).toEqual(new Set([...names, `send ${topic}.v1`, `process ${topic}.v1`]));
    expect(names).toEqual(new Set([...names, "triage.ticket", "retrieve.context", "webhook.deliver", "POST"]));
  });

  it("leads without a gap from the webhook attempt back to the request", () => {
    const spans = byId();
    const [sent] = trace().filter((span) => span.name === "POST" && !span.failed);
    const path: string[] = [];
    for (let span = sent; span !== undefined; span = spans.get(span.parentSpanId ?? "")) path.unshift(span.name);
    expect(path).toEqual([
      "POST /v1/inbound-email",
      "ingest.on-enquiry-submitted",
      "send ticket.created.v1",
      "process ticket.created.v1",
      "triage.ticket",
      "send ticket.triaged.v1",
      "process ticket.triaged.v1",
      "retrieve.context",
      "send context.retrieved.v1",
      "process context.retrieved.v1",
      "response.template_select",
      "send ai.draft.proposed.v1",
      "process ai.draft.proposed.v1",
      "send ai.draft.review_required.v1",
      "process ai.draft.review_required.v1",
      ...path.slice(15, -1).map(() => "webhook.deliver"),
      "POST",
    ]);
  });

  it("keeps the trace of its upstream, and hands its own attempt's on to the CRM", () => {
    expect(ofUpstream.find((span) => span.kind === "SERVER")).toMatchObject({ parentSpanId: "b7ad6b7169203331" });
    const [attempt] = ofUpstream.filter((span) => span.name === "POST");
    expect(deliveredOf("with-trace")?.traceparent).toBe(`00-${TRACE}-${attempt?.spanId ?? ""}-01`);
    expect(new Set(ofUpstream.map((span) => span.attributes["opsdesk.service"]))).toContain("webhook");
  });

  it("shows a refused attempt as one that failed, and the next as its repetition", () => {
    const attempts = receiver.spans.filter((span) => span.name === "POST");
    expect(attempts.find((span) => span.failed)?.attributes).toMatchObject({
      "http.response.status_code": 503,
      "error.type": "503",
    });
    expect(attempts.some((span) => span.attributes["http.request.resend_count"] === 1)).toBe(true);
  });
});

describe("spans", () => {
  it("are those of the registry, with its attributes, and all of its kinds occur", () => {
    expect([...new Set(receiver.spans.flatMap((span) => problemOf(span) ?? []))]).toEqual([]);
    expect([...kindsSeen(receiver.spans)].toSorted()).toEqual(registered.map((span) => span.name).toSorted());
  });

  it("have the names of the conventions, also of the process", () => {
    expect(unconventional()).toEqual([]);
    const [first] = receiver.spans;
    expect(first?.resource).toMatchObject({ "service.name": "opsdesk", "service.namespace": "opsdesk" });
    expect(Object.keys(first?.resource ?? {}).filter((name) => !isConventional(name))).toEqual([]);
  });

  it("have parents that were exported, or came from the upstream", () => {
    const spans = byId();
    const lost = receiver.spans.filter(
      ({ parentSpanId }) =>
        parentSpanId !== undefined && parentSpanId !== "b7ad6b7169203331" && !spans.has(parentSpanId),
    );
    expect(lost.map((span) => span.name)).toEqual([]);
    for (const span of receiver.spans) {
      const parent = spans.get(span.parentSpanId ?? "");
      if (parent !== undefined) expect(parent.traceId).toBe(span.traceId);
    }
  });

  it("process what was sent: the child of the send of the same message, linked to its batch and linked from it", () => {
    const spans = byId();
    const processed = receiver.spans.filter((span) => span.kind === "CONSUMER");
    expect(processed.length).toBeGreaterThan(100);
    for (const span of processed) {
      const sent = spans.get(span.parentSpanId ?? "");
      expect(sent).toMatchObject({ kind: "PRODUCER" });
      for (const name of ["messaging.message.id", "messaging.message.conversation_id", "messaging.destination.name"])
        expect(span.attributes[name]).toBe(sent?.attributes[name]);
      if (span.attributes["opsdesk.from"] !== "topic") continue;
      const batch = spans.get(span.links[0]?.spanId ?? "");
      expect(batch?.name).toBe(`poll ${String(span.attributes["messaging.destination.name"])}`);
      expect(batch?.links.map((link) => link.spanId)).toContain(sent?.spanId);
      expect(batch?.links).toHaveLength(Number(batch?.attributes["messaging.batch.message_count"]));
    }
  });
});

describe("what people wrote, their addresses, keys and secrets", () => {
  it("reach no log line at the finest level", () => {
    expect(log.split("\n").filter((line) => line !== "").length).toBeGreaterThan(0);
    expect(PRIVATE.filter((text) => log.includes(text))).toEqual([]);
  });

  it("reach no span", () => {
    expect(receiver.spans.length).toBeGreaterThan(300);
    expect(receiver.spans.filter((span) => span.events > 0)).toEqual([]);
    expect(PRIVATE.filter((text) => receiver.text().includes(text))).toEqual([]);
  });

  it("reach no metric", () => {
    expect(PRIVATE.filter((text) => metrics.includes(text))).toEqual([]);
  });
});

describe("metrics", () => {
  const value = (start: string): number =>
    Number(
      metrics
        .split("\n")
        .find((line) => line.startsWith(start))
        ?.split(" ")
        .at(-1),
    );

  it("have moved", () => {
    const moved = [
      'opsdesk_events_processed_total{service="triage",consumer="triage.on-ticket-created",outcome="done"}',
      'opsdesk_batch_seconds_count{service="webhook"',
      'opsdesk_job_seconds_count{service="webhook",queue="webhook.deliver",outcome="done"}',
      'opsdesk_webhook_attempts_total{outcome="2xx"}',
      'opsdesk_webhook_attempts_total{outcome="5xx"}',
    ];
    for (const name of moved) expect([name, value(name) > 0]).toEqual([name, true]);
    for (const name of [
      'opsdesk_lag_events{service="console",group="opsdesk.console",topic="ticket.created.v1"}',
      'opsdesk_lag_seconds{service="console",group="opsdesk.console",topic="ticket.created.v1"}',
      'opsdesk_outbox_oldest_seconds{service="ingest"}',
      'opsdesk_blocked_keys{service="triage"}',
    ])
      expect([name, value(name) >= 0]).toEqual([name, true]);
  });

  it("are all described in docs/telemetry.md", async () => {
    const page = await readFile(PAGE, "utf8");
    const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });
});

describe("with telemetry off", () => {
  it("exports nothing, and hands the upstream's traceparent on to the CRM as it came", async () => {
    const before = receiver.spans.length;
    const url = await startUp({});
    expect((await enquiry(url, "without-sdk", UPSTREAM)).status).toBe(202);
    await until(() => deliveredOf("without-sdk") !== undefined);
    expect(deliveredOf("without-sdk")?.traceparent).toBe(UPSTREAM);
    expect(await stopDesk()).toBe(0);
    expect(receiver.spans).toHaveLength(before);
  }, 120_000);
});
