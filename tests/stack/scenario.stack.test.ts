import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { reconciliation } from "@opsdesk/analytics/reconcile";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { client } from "@opsdesk/opsdesk/client";
import { type Receiver, startReceiver } from "@opsdesk/opsdesk/receiver";
import { REFERENCE } from "@opsdesk/opsdesk/scenario";
import { temporaryFolder } from "@opsdesk/servers";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  ResourcePatternTypes,
  logLevel,
} from "kafkajs";
import pg from "pg";
import { type OtlpReceiver, startOtlpReceiver } from "../telemetry/otlp-receiver.ts";
import { root } from "../../scripts/checkout.mjs";
import { problemOf } from "../telemetry/registry.ts";
import { ownersTotals } from "./owners-totals.ts";
import { playOnStack } from "./scenario.ts";
import { isOk } from "./service-process.ts";
import { type Stack, startStack } from "./stack.ts";

/** Longer than a loop may be silent before a restart is asked for. */
const SILENT_MS = 35_000;
const API_KEY = `odk_${"key-of-this-suite-".repeat(3)}`;

const PROGRAM = join(root, "apps", "opsdesk", "src", "main.ts");
/** What the mail and its reader are called by, beside keys and passwords: nothing of it may be in a log, a span or a metric. */
const PRIVATE = ["Maya", "northgate.example", "Wi-Fi drops", API_KEY];

const folder = temporaryFolder();
let stack: Stack;
let receiver: Receiver | undefined;
let telemetry: OtlpReceiver;
const said: string[] = [];
beforeAll(async () => {
  telemetry = await startOtlpReceiver();
  stack = await startStack({
    folder,
    ownServers: true,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: telemetry.url },
    say: (line) => void said.push(line),
    async receiver(secret) {
      receiver = await startReceiver({ port: 0, secret, onReceived: () => Promise.resolve() });
      return receiver.address;
    },
  });
}, 600_000);
afterAll(async () => {
  await stack.stop();
  await receiver?.stop();
  await telemetry.stop();
}, 120_000);

const probe = (service: string, path: string): Promise<boolean> => {
  const url = stack.services.get(service)?.url;
  if (url === undefined) throw new TypeError(`no service ${service}`);
  return isOk(`${url}${path}`);
};

async function until(what: () => Promise<boolean>, msMax: number): Promise<boolean> {
  const end = Date.now() + msMax;
  while (Date.now() < end) {
    if (await what()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

const enquire = async (externalId: string, text: string): Promise<void> => {
  await client(stack.gateway.url, API_KEY).send("POST", "/v1/enquiries", {
    channel: "web",
    from: { name: "Jo Berg", email: `${externalId}@northwind.example` },
    subject: text,
    text,
    externalId,
  });
};

/** The sum of the series that hold all these labels. */
async function metric(service: string, name: string, ...labels: readonly string[]): Promise<number> {
  const text = await (await fetch(`${stack.services.get(service)?.url ?? ""}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Sends raw records as the broker's administrator. */
async function withBus<T>(work: (bus: ReturnType<typeof kafkaBus>) => Promise<T>): Promise<T> {
  const bus = kafkaBus({ connection: stack.kafka, name: "opsdesk.test", lingerMs: 0, onTrouble: () => undefined });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}

describe("every service as a process of its own", () => {
  it("plays the reference scenario over the broker, each with its own user and its own slice", async () => {
    if (receiver === undefined) throw new TypeError("the stack runs without its receiver");
    const complete = await playOnStack(stack, receiver, (line) => void said.push(line), API_KEY);
    if (!complete) throw new Error(said.join("\n"));
  }, 240_000);

  it("answers it from OpenSearch and Neo4j, not from what stands in for them", async () => {
    const desk = client(stack.gateway.url, API_KEY);
    const { ticketId } = await desk.get<{ ticketId: string }>(`/v1/tickets/${REFERENCE}`);
    const { items } = await desk.get<{ items: readonly { type: string; data: object }[] }>(
      `/v1/events?ticket=${ticketId}&limit=100`,
    );
    const retrieved = items.find(({ type }) => type === "context.retrieved");
    expect(retrieved?.data).toMatchObject({
      stores: expect.arrayContaining([
        expect.objectContaining({ leg: "lexical", store: "opensearch" }),
        expect.objectContaining({ leg: "graph", store: "neo4j" }),
      ]),
    });
    expect(retrieved?.data).not.toHaveProperty("degraded");
  });

  it("keeps what customers write, and every key and password, out of logs, spans and metrics", async () => {
    const secrets = Object.values(JSON.parse(await readFile(join(folder, "secrets.json"), "utf8")) as object);
    const words = [...PRIVATE, ...secrets.map(String)];
    expect(words.length).toBeGreaterThan(20);
    for (const name of stack.services.keys()) {
      const log = await readFile(join(folder, `${name}.log`), "utf8");
      expect(log).toContain(`${name} is ready`);
      const metrics = await (await fetch(`${stack.services.get(name)?.url ?? ""}/metrics`)).text();
      expect([name, words.filter((word) => log.includes(word) || metrics.includes(word))]).toEqual([name, []]);
    }
    expect(words.filter((word) => telemetry.text().includes(word))).toEqual([]);
    expect(telemetry.spans.flatMap((span) => problemOf(span) ?? [])).toEqual([]);
  });

  it("tells of one enquiry as one trace, from the mail through every service's process to the webhook", async () => {
    const ofMail = () => {
      const mail = telemetry.spans.find(({ name }) => name === "POST /v1/inbound-email");
      return telemetry.spans.filter(({ traceId }) => traceId === mail?.traceId);
    };
    const wanted = ["ingest", "triage", "retrieval", "safety-gate", "webhook", "console", "evaluation"];
    const seen = () => new Set(ofMail().map(({ resource }) => String(resource["service.name"])));
    const told = () => wanted.every((one) => seen().has(one));
    await until(() => Promise.resolve(told() && ofMail().some(({ name }) => name === "POST")), 60_000);
    expect([...seen()].toSorted()).toEqual(wanted.toSorted());
    const processes = new Set(ofMail().map(({ resource }) => resource["service.instance.id"]));
    expect(processes.size).toBe(wanted.length);

    const byId = new Map(ofMail().map((span) => [span.spanId, span]));
    const path: string[] = [];
    for (let span = ofMail().find(({ name }) => name === "POST"); span !== undefined;) {
      path.unshift(span.name);
      span = byId.get(span.parentSpanId ?? "");
    }
    expect(path[0]).toBe("POST /v1/inbound-email");
    for (const topic of ["ticket.created", "ticket.triaged", "context.retrieved", "ai.draft.proposed"])
      expect(path).toEqual(expect.arrayContaining([`send ${topic}.v1`, `process ${topic}.v1`]));
  }, 120_000);

  it("shows analysts the totals that the owners' slices hold", async () => {
    const texts = ["My laptop does not start", "I forgot my password", "The printer on floor 4 is out of toner"];
    for (let n = 0; n < 30; n += 1) await enquire(`rec-${n}`, texts[n % texts.length] ?? "");
    const analysts = reconciliation({ url: stack.servers.opensearch.url });
    try {
      let owners = await ownersTotals(stack.servers.postgres.url);
      let differences = await analysts.compare(owners);
      await until(async () => {
        if (!(await isOk(`${stack.gateway.url}/idlez`))) return false;
        owners = await ownersTotals(stack.servers.postgres.url);
        differences = await analysts.compare(owners);
        return differences.length === 0;
      }, 90_000);
      expect(differences).toEqual([]);
      const sum = (totals: readonly { readonly count: number }[]) => totals.reduce((all, { count }) => all + count, 0);
      expect(sum(owners.tickets)).toBeGreaterThanOrEqual(31);
      for (const totals of [owners.categories, owners.drafts, owners.dispositions, owners.deliveries])
        expect(sum(totals)).toBeGreaterThan(0);
      const newest = await metric("analytics", "opsdesk_analytics_newest_event_timestamp_seconds");
      expect(Math.abs(Date.now() / 1_000 - newest)).toBeLessThan(120);
      expect(await metric("analytics", "opsdesk_analytics_delay_seconds")).toBeGreaterThan(0);
    } finally {
      await analysts.close();
    }
  }, 240_000);

  it("makes every copy in OpenSearch and Neo4j again with one command", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", PROGRAM, "rebuild", "--json", "--url", stack.gateway.url],
      { env: { ...process.env, OPSDESK_API_KEY: stack.secrets.installKey } },
    );
    const { items } = JSON.parse(stdout) as { items: readonly Readonly<Record<string, unknown>>[] };
    expect(items.map(({ projection, refused, service, state }) => [service, projection, state, refused])).toEqual([
      ["retrieval", "search", "done", 0],
      ["retrieval", "graph", "done", 0],
      ["analytics", "search", "done", 0],
    ]);
    for (const { events } of items) expect(events).toBeGreaterThan(0);
    const analysts = reconciliation({ url: stack.servers.opensearch.url });
    try {
      expect(await analysts.compare(await ownersTotals(stack.servers.postgres.url))).toEqual([]);
    } finally {
      await analysts.close();
    }
  }, 240_000);

  it("counts an event that comes again as a duplicate, and one that cannot be read as a dead letter", async () => {
    const duplicates = () =>
      metric("triage", "opsdesk_events_processed_total", "triage.on-ticket-created", 'outcome="duplicate"');
    const parked = () => metric("triage", "opsdesk_dead_letters_total", "triage.on-ticket-created");
    const before = { duplicates: await duplicates(), parked: await parked() };
    await withBus(async (bus) => {
      for await (const record of bus.read({ topic: "ticket.created.v1", from: { offset: 0 } })) {
        await bus.send([record, { ...record, value: "{ no event" }]);
        break;
      }
    });
    expect(await until(async () => (await duplicates()) === before.duplicates + 1, 60_000)).toBe(true);
    expect(await until(async () => (await parked()) === before.parked + 1, 60_000)).toBe(true);
    expect(await until(async () => (await metric("triage", "opsdesk_dead_letters_open")) > 0, 60_000)).toBe(true);
  }, 240_000);

  it("shows how far a consumer is behind while it cannot work, and that it has caught up", async () => {
    const lag = (name: string) => metric("triage", name, "opsdesk.triage", "ticket.created.v1");
    const blocker = new pg.Client({ connectionString: stack.servers.postgres.url });
    await blocker.connect();
    try {
      await blocker.query("begin");
      await blocker.query("lock table triage.inbox in access exclusive mode");
      await enquire("lag-1", "My laptop does not start");
      expect(await until(async () => (await lag("opsdesk_lag_events")) > 0, 45_000)).toBe(true);
      expect(await until(async () => (await lag("opsdesk_lag_seconds")) > 0, 45_000)).toBe(true);
    } finally {
      await blocker.end();
    }
    const caughtUp = async () => (await lag("opsdesk_lag_events")) + (await lag("opsdesk_lag_seconds")) === 0;
    expect(await until(caughtUp, 90_000)).toBe(true);
  }, 240_000);

  it("is not ready while the broker is down, stays live, and is ready again by itself", async () => {
    await stack.servers.kafka.kill();
    expect(await until(async () => !(await probe("triage", "/readyz")), 30_000)).toBe(true);
    // What is taken in meanwhile waits in the outbox, and its age says so.
    await enquire("outbox-1", "My laptop does not start");
    const outboxSeconds = () => metric("ingest", "opsdesk_outbox_oldest_seconds");
    expect(await until(async () => (await outboxSeconds()) > 1, 60_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
    expect(await probe("triage", "/livez")).toBe(true);
    await stack.servers.kafka.start();
    expect(await until(() => probe("triage", "/readyz"), 120_000)).toBe(true);
    expect(await until(async () => (await outboxSeconds()) === 0, 120_000)).toBe(true);
  }, 300_000);

  it("is not ready while Postgres is down, stays live, and is ready again by itself", async () => {
    await stack.servers.postgres.kill();
    expect(await until(async () => !(await probe("triage", "/readyz")), 30_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
    expect(await probe("triage", "/livez")).toBe(true);
    await stack.servers.postgres.start();
    expect(await until(() => probe("triage", "/readyz"), 120_000)).toBe(true);
  }, 300_000);

  it("ends in order within its grace when it is asked to", async () => {
    const triage = stack.services.get("triage");
    const startedAt = Date.now();
    expect(await triage?.stop()).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    await triage?.start();
  }, 240_000);

  it("ends with an error when it may no longer read a topic, instead of standing there without consuming", async () => {
    const webhook = stack.services.get("webhook");
    const { brokers, sasl } = stack.kafka;
    if (sasl === undefined) throw new TypeError("the stack's broker has no authorizer");
    const admin = new Kafka({
      brokers,
      sasl: { ...sasl, mechanism: "scram-sha-256" },
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const rule = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: "ai.draft.review_required.v1",
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: "User:opsdesk.webhook",
      host: "*",
    };
    const { filterResponses } = await admin.deleteAcls({
      filters: [
        {
          ...rule,
          resourcePatternType: ResourcePatternTypes.LITERAL,
          operation: AclOperationTypes.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      ],
    });
    const taken = filterResponses.flatMap(({ matchingAcls }) => matchingAcls);
    expect(taken.length).toBeGreaterThan(0);
    await enquire("no-rights-1", "My laptop does not start");
    expect(await until(() => Promise.resolve(webhook?.running() === false), 60_000)).toBe(true);
    expect(await webhook?.stop()).toBe(1);
    expect(webhook?.lastLines(40)).toContain("consumer_stopped");
    await admin.createAcls({
      acl: taken.map(({ operation, permissionType }) => ({ ...rule, operation, permissionType })),
    });
    await admin.disconnect();
    await webhook?.start();
  }, 240_000);
});
