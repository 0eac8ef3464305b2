import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "../../apps/opsdesk/src/client/client.ts";
import { startReceiver } from "../../apps/opsdesk/src/demo/receiver.ts";
import { applySampleDesk, createBusiness } from "../../apps/opsdesk/src/demo/sample.ts";
import type { ImportReport } from "../../apps/opsdesk/src/import/tally.ts";
import { secretsOf } from "../../apps/opsdesk/src/up/secrets.ts";
import { allServices } from "../../apps/opsdesk/src/up/services.ts";
import { type Up, up } from "../../apps/opsdesk/src/up/up.ts";
import { judgeImport } from "./import-judge.ts";
import { readLog } from "./import-log.ts";
import { entryOf } from "../bundle.mjs";

const PROGRAM = entryOf();
const SETTLE_MS_MAX = 30 * 60_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Imports `banking77/train.csv` (10,003 rows) into an embedded desk with the sample pack, as `opsdesk import` does,
 * waits until the desk is at rest, imports it once more, stops the desk and judges what its log holds on disk:
 * nothing lost, nothing twice, one disposition a conversation version, and every ticket's chain of events complete.
 */
export async function measureImport(
  dataDir: string,
  { limit }: { readonly limit?: number | undefined } = {},
): Promise<object> {
  const file = join(dataDir, "banking77/train.csv");
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-measure-"));
  try {
    const environment = { ...process.env, OPSDESK_DATA_DIR: folder, PORT: "0", LOG_LEVEL: "error" };
    const secret = (await secretsOf(folder, environment)).OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM;
    const receiver = await startReceiver({ port: 0, secret, onReceived: () => Promise.resolve() });
    const running = await up(allServices, environment, () => Promise.resolve([receiver.address]));
    const apiKey = await createBusiness(client(running.desk.url, running.secrets.OPSDESK_INSTALL_KEY));
    await applySampleDesk(client(running.desk.url, apiKey), receiver.url, say);
    await settled(running);

    const before = { cpu: process.cpuUsage(), handled: await handlerInvocations(running), startedAt: Date.now() };
    const first = await importBy(running.desk.url, apiKey, file, limit);
    await settled(running);
    const cpu = process.cpuUsage(before.cpu);
    const handled = (await handlerInvocations(running)) - before.handled;

    say("Importing the same file again.");
    const second = await importBy(running.desk.url, apiKey, file, limit);
    await settled(running);
    const webhooks = receiver.received().length;
    // A pino logger, which fastify knows by its own narrower type.
    const logger = running.desk.app.log as Parameters<typeof readLog>[1];
    await running.stop();
    await receiver.stop();

    const log = await readLog(folder, logger);
    const judgement = judgeImport(log, first.source, first.read);
    const tickets = Math.max(judgement.tickets, 1);
    const seconds =
      (Date.parse(judgement.lastDispositionAt ?? new Date(before.startedAt).toISOString()) - before.startedAt) / 1_000;
    return {
      passed:
        judgement.problems.length === 0 &&
        first.accepted === first.read &&
        second.accepted === 0 &&
        second.duplicates === second.read,
      rows: first.read,
      ticketsPerSecond: Number((tickets / seconds).toFixed(1)),
      secondsToLastDisposition: Number(seconds.toFixed(1)),
      cpuMsPerTicket: Number(((cpu.user + cpu.system) / 1_000 / tickets).toFixed(2)),
      eventsPerTicket: Number((judgement.events / tickets).toFixed(2)),
      handlerInvocationsPerTicket: Number((handled / tickets).toFixed(2)),
      webhooksReceived: webhooks,
      dispositions: judgement.dispositions,
      first,
      second,
      problems: judgement.problems,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, so that the sender's work does not count as the desk's. */
function importBy(url: string, apiKey: string, file: string, limit: number | undefined): Promise<ImportReport> {
  const options = [
    "--json",
    "--url",
    url,
    "--concurrency",
    "256",
    ...(limit === undefined ? [] : ["--limit", String(limit)]),
  ];
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", PROGRAM, "import", file, ...options],
    {
      env: { ...process.env, OPSDESK_API_KEY: apiKey },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Both exit codes come with a report; without one there is nothing to measure.
    child.once("close", (code) =>
      output.startsWith("{")
        ? resolve(JSON.parse(output) as ImportReport)
        : reject(new Error(`the import ended with ${code} and no report`)),
    );
  });
}

/** Until no service has anything in work or waiting, twice in a row: work may be between two services at the first look. */
async function settled(running: Up): Promise<void> {
  const end = Date.now() + SETTLE_MS_MAX;
  let calm = 0;
  for (let turn = 0; calm < 2; turn += 1) {
    if (Date.now() > end) throw new Error(`the desk was not at rest after ${SETTLE_MS_MAX / 60_000} minutes`);
    calm = (await fetch(`${running.desk.url}/idlez`)).ok ? calm + 1 : 0;
    if (turn % 40 === 39) say(`The desk is working: ${await handlerInvocations(running)} handler invocations so far.`);
    if (calm < 2) await sleep(250);
  }
}

/** Every run of a handler on an event, redeliveries included, of all services together. */
async function handlerInvocations(running: Up): Promise<number> {
  const text = await (await fetch(`${running.desk.url}/metrics`)).text();
  return [...text.matchAll(/^opsdesk_events_processed_total\{[^}]*\} (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}
