import { reconciliation } from "@opsdesk/analytics/reconcile";
import { kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { client } from "@opsdesk/opsdesk/client";
import { type Receiver, startReceiver } from "@opsdesk/opsdesk/receiver";
import { temporaryFolder } from "@opsdesk/servers";
import pg from "pg";
import { type OtlpReceiver, startOtlpReceiver } from "../telemetry/otlp-receiver.ts";
import { ownersTotals } from "./owners-totals.ts";
import { playOnStack } from "./scenario.ts";
import { isOk } from "./service-process.ts";
import { type Stack, startStack } from "./stack.ts";

const API_KEY = `odk_${"key-of-this-suite-".repeat(3)}`;

let stack: Stack;
let receiver: Receiver | undefined;
let telemetry: OtlpReceiver;
const said: string[] = [];
beforeAll(async () => {
  telemetry = await startOtlpReceiver();
  stack = await startStack({
    folder: temporaryFolder(),
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
    // Longer than a loop may be silent before a restart is asked for.
    await new Promise((resolve) => setTimeout(resolve, 35_000));
    expect(await probe("triage", "/livez")).toBe(true);
    await stack.servers.kafka.start();
    expect(await until(() => probe("triage", "/readyz"), 120_000)).toBe(true);
    expect(await until(async () => (await outboxSeconds()) === 0, 120_000)).toBe(true);
  }, 300_000);

  it("is not ready while Postgres is down, stays live, and is ready again by itself", async () => {
    await stack.servers.postgres.kill();
    expect(await until(async () => !(await probe("triage", "/readyz")), 30_000)).toBe(true);
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
});
