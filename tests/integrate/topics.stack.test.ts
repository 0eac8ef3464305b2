import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, type KafkaMessage, logLevel } from "kafkajs";
import { testKafka } from "@opsdesk/servers/suites";
import { validExamples } from "@opsdesk/schemas/examples";
import { root } from "../../scripts/checkout.mjs";
import { ran } from "./cache.ts";
import { type Client, go, javascript, needKcat, python } from "./clients.ts";
import { eventually, start } from "./running.ts";

const SUBMITTED = "enquiry.submitted.v1";
const REVIEW = "ai.draft.review_required.v1";
const INTEGRATE = join(root, "docs/integrate");

const brokers = testKafka().brokers.join(",");
let kafka: Kafka;
const received: KafkaMessage[] = [];
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  closing.unshift(() => admin.disconnect());
  // Nothing is done where they are there already.
  await admin.createTopics({ topics: [SUBMITTED, REVIEW].map((topic) => ({ topic, numPartitions: 3 })) });
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  closing.unshift(() => consumer.disconnect());
  await consumer.subscribe({ topic: SUBMITTED, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      received.push(message);
      return Promise.resolve();
    },
  });
}, 300_000);

afterAll(async () => {
  for (const close of closing) await close();
});

/** The record with this key, as any consumer sees it. */
const recordOf = (key: string): Promise<KafkaMessage> =>
  eventually(() => received.find((message) => message.key?.toString() === key));

/** What a desk would say of it, by its own command line. */
function checkEvent(body: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), "opsdesk-event-"));
  try {
    const file = join(folder, "event.json");
    writeFileSync(file, body);
    return JSON.parse(
      ran(process.execPath, [
        "--disable-warning=ExperimentalWarning",
        join(root, "apps/opsdesk/src/main.ts"),
        "check-event",
        "--json",
        file,
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function expectEnquiry(record: KafkaMessage, externalId: string, text: string): void {
  const body = record.value?.toString() ?? "";
  expect(record.headers?.["content-type"]?.toString()).toBe("application/cloudevents+json");
  expect(checkEvent(body)).toMatchObject({ valid: true, problems: [] });
  expect(JSON.parse(body)).toMatchObject({ id: externalId, type: "enquiry.submitted", data: { externalId, text } });
}

/** Publishes a draft for review as the gate does, and answers what a CRM shows of it. */
async function askForReview(reference: string): Promise<Readonly<Record<string, unknown>>> {
  const example = validExamples("ai.draft.review_required").find(({ name }) => name.includes("recurring"));
  if (example === undefined) throw new Error("there is no example of a recurring fault");
  // The example's file is an event of this type.
  const data = { ...(example.event.data as Record<string, unknown>), reference, addedLater: "by a minor version" };
  const event = { ...example.event, id: randomUUID(), data };
  const producer = kafka.producer();
  await producer.connect();
  const message = {
    key: reference,
    value: JSON.stringify(event),
    headers: { "content-type": "application/cloudevents+json", ce_id: event.id, ce_type: event.type },
  };
  // Twice: delivery is at least once.
  await producer.send({ topic: REVIEW, messages: [message, message] });
  await producer.disconnect();
  return data;
}

/** The offset that a group has committed, over all partitions. */
async function committed(group: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchOffsets({ groupId: group, topics: [REVIEW] });
  await admin.disconnect();
  return offsets
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

const clients: readonly (readonly [string, () => Client])[] = [
  ["JavaScript", javascript],
  ["Python", python],
  ["Go", go],
];

describe.each(clients)("%s", (language, install) => {
  let client: Client;
  const env = { KAFKA_BROKERS: brokers };

  beforeAll(() => {
    client = install();
  }, 600_000);

  it("publishes an enquiry that a desk takes", async () => {
    const externalId = `${language}-${randomUUID()}`;
    const text = "Grüße: my Wi-Fi drops every day at 2 pm 😀.";
    const { command, args } = client.publish(externalId, text);
    expect(ran(command, args, { env })).toMatch(/^enquiry\.submitted\.v1 \d \d+$/m);
    expectEnquiry(await recordOf(externalId), externalId, text);
  });

  it("consumes a draft that waits for a person once, and commits what it has handled", async () => {
    const reference = `OD-${language}-${randomUUID().slice(0, 8)}`;
    const data = await askForReview(reference);
    const group = `crm-${randomUUID()}`;
    const running = start(client.consume(group), env);
    const admin = kafka.admin();
    await admin.connect();
    try {
      const mine = (): readonly string[] => running.lines().filter((line) => line.includes(reference));
      const line = await eventually(() => mine()[0]);
      expect(JSON.parse(line)).toEqual({
        reference,
        externalId: data["externalId"],
        owner: "Priya Nair",
        dueBy: data["dueBy"],
        draft: (data["draft"] as { text: string }).text,
        consoleUrl: data["consoleUrl"],
      });
      const high = (await admin.fetchTopicOffsets(REVIEW)).reduce((sum, { high }) => sum + Number(high), 0);
      await eventually(async () => ((await committed(group)) === high ? true : undefined));
      expect(mine()).toHaveLength(1);
    } finally {
      await admin.disconnect();
      expect(await running.stop()).toBe(0);
    }
  }, 90_000);
});

describe("kcat, as the page says", () => {
  /** The page's own lines, so that they are what is run. */
  const shown = (start_: string): string => {
    const page = readFileSync(join(INTEGRATE, "README.md"), "utf8");
    const block = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, lines = ""]) => lines);
    const found = block.find((lines) => lines.startsWith(start_));
    if (found === undefined) throw new Error(`the page shows no ${start_}`);
    return found.trim();
  };

  beforeAll(() => {
    needKcat();
  }, 300_000);

  it("publishes an enquiry that a desk takes", async () => {
    const publish = shown('kcat -b "$KAFKA_BROKERS" -P').replaceAll("\\\n", " ");
    ran("sh", ["-c", publish], { cwd: INTEGRATE, env: { KAFKA_BROKERS: brokers } });
    const sample = JSON.parse(readFileSync(join(INTEGRATE, "enquiry.json"), "utf8")) as { data: { text: string } };
    expectEnquiry(await recordOf("CRM-88213"), "CRM-88213", sample.data.text);
  });

  it("consumes a draft that waits for a person", async () => {
    const reference = `OD-kcat-${randomUUID().slice(0, 8)}`;
    await askForReview(reference);
    const consume = shown('kcat -b "$KAFKA_BROKERS" -G').replace("-G opsdesk.crm", `-G crm-${randomUUID()}`);
    const running = start({ command: "sh", args: ["-c", `exec ${consume}`] }, { KAFKA_BROKERS: brokers });
    try {
      const line = await eventually(() => running.lines().find((one) => one.includes(reference)));
      expect(JSON.parse(line)).toMatchObject({ type: "ai.draft.review_required", data: { reference } });
    } finally {
      await running.stop();
    }
  }, 90_000);
});
