import { memoryBlobs } from "@opsdesk/blobs/memory";
import { sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openEmpty } from "@opsdesk/database/testing";
import type { Bus } from "@opsdesk/messaging";
import { memoryBus } from "@opsdesk/messaging/memory-bus";
import { topicCatalogue } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import { aMessage, counter } from "../fixture/counter.ts";
import { partsOf, recordOf, runtimeOf } from "../fixture/counter-parts.ts";
import { prepareSlices } from "./host.ts";

const HOUR_MS = 3_600_000;
/** Of one ticket, so that each is handed over by itself. */
const MESSAGES = 4;

let installation: PgliteInstallation;
/** Of everybody: what is made up for happened hours ago. */
let now = Date.now() - 3 * HOUR_MS;
const clock = { now: () => now };
let bus: Bus;
beforeAll(async () => {
  installation = await openEmpty();
  await prepareSlices(installation, installation.as("postgres"), [counter()]);
  bus = memoryBus(clock);
  await bus.ensureTopics(topicCatalogue.map(({ name }) => ({ name, partitions: 1 })));
}, 60_000);
afterAll(async () => {
  await bus.close();
  await installation.close();
});

const start = (recovering: boolean) =>
  // Triage, whose event the counter publishes: what a service has published is looked for in its own topics.
  runtimeOf(installation, bus, { service: "triage", clock, recovering });

/** The ids in a topic, as often as they are there. */
async function published(): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const record of bus.read({ topic: "ai.run.recorded.v1", from: { offset: 0 } }))
    ids.push((JSON.parse(record.value) as { id: string }).id);
  return ids;
}

const recover = async (onProgress?: () => void) => {
  const runtime = start(true);
  const { handlers, jobs } = partsOf(installation);
  try {
    return await runtime.recover(handlers, jobs, {
      dryRun: false,
      blobs: memoryBlobs(),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } finally {
    await runtime.stop();
  }
};

it("goes on with a recovery that was broken off from the same moment, and publishes nothing twice", async () => {
  const first = start(false);
  const { handlers, jobs } = partsOf(installation);
  await first.start(handlers, jobs);
  for (let n = 0; n < MESSAGES; n += 1) await bus.send([recordOf(`evt-${n}`, aMessage("tkt_1", "hello", n + 1).data)]);
  while (!(await first.idle())) await new Promise((resolve) => setTimeout(resolve, 20));
  await first.stop();
  const before = await published();
  expect(before).toHaveLength(MESSAGES);

  // A backup that knows the first of them, and was made when that one was.
  await installation.as("console_owner").execute(`
    update console.counts set seen = 1;
    delete from console.inbox where event_id <> 'evt-0' and consumer = 'triage.on-ticket-message-added';
    update console.inbox set claimed_at = now() - interval '3 hours';
  `);
  now = Date.now();
  let handled = 0;
  await expect(
    recover(() => {
      handled += 1;
      if (handled === 2) throw new Error("the operator's terminal was closed");
    }),
  ).rejects.toThrow("terminal");

  const report = await recover();
  expect(report.lost).toBe(1);
  expect(Date.parse(report.restoredTo ?? "")).toBeLessThan(now - 2 * HOUR_MS);
  expect(await published()).toEqual(before);
  const counts = await installation.as("console_app").query<{ seen: number }>(sql`select seen from console.counts`);
  expect(counts).toEqual([{ seen: MESSAGES }]);

  // The next restore is to another moment.
  expect(Date.parse((await recover()).restoredTo ?? "")).toBeGreaterThan(now - HOUR_MS);
}, 60_000);

it("handles what an input wakes before the next input about its ticket", async () => {
  const desk = { ...validExamples("desk.configured")[0]?.event, id: "evt-desk" };
  for (const record of [
    recordOf("evt-waits", aMessage("tkt_woken", "wait for a desk", 1).data),
    { topic: "desk.configured.v1", key: "k", headers: {}, value: JSON.stringify(desk) },
    recordOf("evt-behind", aMessage("tkt_woken", "hello", 2).data),
  ]) {
    now += 1_000;
    await bus.send([record]);
  }
  expect((await recover()).outcomes).toMatchObject({ deferred: 1, done: 2 });
}, 60_000);
