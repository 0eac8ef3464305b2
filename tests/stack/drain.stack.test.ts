import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { sha256Hex } from "@opsdesk/identity";
import { type KafkaBus, kafkaBus } from "@opsdesk/messaging/kafka-bus";
import { everyService } from "@opsdesk/opsdesk/services";
import { topicCatalogue } from "@opsdesk/schemas";
import { type KafkaServer, startKafka, temporaryFolder } from "@opsdesk/servers";
import { type TestDatabase, testDatabase } from "@opsdesk/servers/suites";
import { migrateServer } from "@opsdesk/service/migrate";
import getPort from "get-port";
import { root } from "../../scripts/checkout.mjs";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { ServiceProcess, isOk } from "./service-process.ts";

/** Well below what an orchestrator gives: longest handler and fifteen seconds. */
const GRACE_MS = 15_000;
const PROGRAM = join(root, "apps", "opsdesk", "src", "main.ts");
const GROUP = "opsdesk.ingest";
const TOPIC = "enquiry.submitted.v1";
const INSTALL_KEY = `odk_${"drain-".repeat(7)}`;

let kafka: KafkaServer;
let database: TestDatabase;
let client: pg.Client;
let bus: KafkaBus;
const folder = temporaryFolder();
const started: ServiceProcess[] = [];

beforeAll(async () => {
  [kafka, database] = await Promise.all([
    // A broker of its own: groups and topics have the names that they have in production.
    startKafka({ folder: join(folder, "kafka"), own: true }),
    testDatabase(),
  ]);
  const services = (await everyService()).filter(({ name }) => name === "ingest");
  await migrateServer(database.url, services, {});
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const connection = { brokers: [...kafka.brokers] };
  bus = kafkaBus({ connection, name: "opsdesk.drain", lingerMs: 0, onTrouble: () => undefined });
  await bus.ensureTopics(topicCatalogue);
}, 300_000);
afterAll(async () => {
  for (const one of started) await one.kill();
  await bus.close();
  await client.end();
  await database.drop();
  await kafka.stop();
}, 120_000);

function environment(): Readonly<Record<string, string>> {
  const blobs = join(folder, "blobs");
  mkdirSync(blobs, { recursive: true });
  return {
    OPSDESK_LANE: "local",
    KAFKA_BROKERS: kafka.brokers.join(","),
    // The superuser takes on the service's role by itself: passwords of roles belong to the whole server.
    DATABASE_URL: database.url,
    BLOB_URL: pathToFileURL(blobs).href,
    INSTALL_KEY_SHA256: sha256Hex(INSTALL_KEY),
    REPLY_CHANNEL: "record",
  };
}

async function startIngest(log: string): Promise<ServiceProcess> {
  const one = new ServiceProcess({
    root,
    name: "ingest",
    port: await getPort(),
    environment: environment(),
    log: join(folder, log),
  });
  started.push(one);
  await one.start();
  return one;
}

const idOf = (n: number): string => `drain-${String(n).padStart(6, "0")}`;

/** Sends enquiries without a pause until it is stopped, and answers how many. */
function sending(): { stop(): Promise<number> } {
  const stopping = new AbortController();
  let sent = 0;
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await bus.send(Array.from({ length: 20 }, (_, n) => enquiry(sent + n)));
      sent += 20;
      await sleep(20);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
      return sent;
    },
  };
}

const enquiry = (n: number) => ({
  topic: TOPIC,
  key: idOf(n),
  headers: {},
  value: JSON.stringify({
    specversion: "1.0",
    id: idOf(n),
    source: "/their/system",
    type: "enquiry.submitted",
    schemaversion: "1.0",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    correlationid: idOf(n),
    idempotencykey: idOf(n),
    tenantid: "harbour",
    data: {
      channel: "email",
      from: { name: "Ada", email: "ada@example.org" },
      subject: "Printer",
      text: "The printer on floor 2 jams.",
      externalId: idOf(n),
    },
  }),
});

/** What ingest has handled: ids of events, as its inbox has them. */
async function handled(): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ event_id: string }>(
    "select event_id from ingest.inbox where consumer = 'ingest.on-enquiry-submitted'",
  );
  return new Set(rows.map((row) => row.event_id));
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 90_000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`it never happened\n${started.at(-1)?.lastLines() ?? ""}`);
    await sleep(50);
  }
}

/** Records of a topic, as they lie there. */
async function stored(topic: string): Promise<readonly { id: string; partition: number; offset: number }[]> {
  const records = [];
  for await (const { value, partition, offset } of bus.read({ topic, from: { offset: 0 } }))
    records.push({ id: (JSON.parse(value) as { id: string }).id, partition, offset });
  return records;
}

async function committed(): Promise<ReadonlyMap<number, number>> {
  const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const [topic] = await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] });
  await admin.disconnect();
  return new Map(topic?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
}

/** By outcome, of the events that a process was given. */
async function outcomes(one: ServiceProcess): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${one.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, outcome = "", count] of text.matchAll(
    /^opsdesk_events_processed_total\{.*consumer="ingest\.on-enquiry-submitted".*outcome="(\w+)".*\} (\d+)$/gm,
  ))
    found[outcome] = Number(count);
  return found;
}

describe("a service process that is asked to end while it works", () => {
  it("drains within its grace, and the next one is given nothing again", async () => {
    const first = await startIngest("first.log");
    const made = await fetch(`${first.url}/v1/businesses`, {
      method: "POST",
      headers: { authorization: `Bearer ${INSTALL_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ id: "harbour", name: "Harbour IT" }),
    });
    expect(made.status).toBe(201);
    const load = sending();
    await until(async () => (await handled()).size > 1_000);

    const askedAt = Date.now();
    expect(await first.stop()).toBe(0);
    expect(Date.now() - askedAt).toBeLessThan(GRACE_MS);

    const before = await handled();
    const offsets = await committed();
    const sent = await load.stop();
    // It ended in the middle of the work, not after it.
    expect(before.size).toBeLessThan(sent);
    const places = await stored(TOPIC);
    const isCommitted = ({ partition, offset }: { partition: number; offset: number }) =>
      offset < (offsets.get(partition) ?? 0);
    expect(places.filter((place) => before.has(place.id) && !isCommitted(place))).toEqual([]);
    expect(places.filter((place) => isCommitted(place) && !before.has(place.id))).toEqual([]);
    expect((await client.query("select from ingest.outbox")).rowCount).toBe(0);

    const second = await startIngest("second.log");
    await until(async () => (await handled()).size === sent);
    await until(async () => (await fetch(`${second.url}/idlez`)).ok);
    expect(await outcomes(second)).toEqual({ done: sent - before.size });
    // Nor has anything that follows from them been published twice.
    const tickets = await stored("ticket.created.v1");
    expect([tickets.length, new Set(tickets.map(({ id }) => id)).size]).toEqual([sent, sent]);
    expect(await second.stop()).toBe(0);
  }, 300_000);
});

describe("a service by the command line", () => {
  const up = async (more: Readonly<Record<string, string>> = {}) => {
    const port = await getPort();
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", PROGRAM, "up", "--services", "ingest"],
      { env: { PATH: process.env["PATH"], ...environment(), ...more, PORT: String(port) } },
    );
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    return { url: `http://127.0.0.1:${port}`, child, said: () => said, ended: once(child, "exit") };
  };

  it("is served, and ends in order when it is asked to", async () => {
    const { child, ended, said, url } = await up();
    await until(() => isOk(`${url}/readyz`));
    expect(said()).toContain(`OpsDesk is ready at ${url} (1 services`);
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }, 120_000);

  it("does not begin before the topics of every tenant are there, and says which are not and what makes them", async () => {
    const { ended, said } = await up({ OPSDESK_EDGE_TENANTS: "acme" });
    expect(await ended).toEqual([1, null]);
    expect(said()).toContain("topics_missing: The broker lacks ");
    for (const topic of ["enquiry.submitted.v1.acme", "enquiry.accepted.v1.acme", "enquiry.rejected.v1.acme"])
      expect(said()).toContain(topic);
    expect(said()).toContain("opsdesk topics apply");
  }, 120_000);
});
