import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readFolder } from "@opsdesk/desk-pack/folder";
import { TransientError } from "@opsdesk/errors";
import { type Client, client } from "../client/client.ts";
import { keepApiKey, keptApiKey } from "../up/secrets.ts";
import type { Up } from "../up/up.ts";
import { printSteps } from "./print.ts";
import { type Receiver, keptReceived, stillVerifies } from "./receiver.ts";
import { playScenario, storyOf } from "./scenario.ts";

const SAMPLE_DESK = fileURLToPath(new URL("../../../../desks/it-helpdesk/", import.meta.url));
const TENANT = "it-helpdesk";

export const receivedFile = (dataDir: string): string => join(dataDir, "demo", "webhook.json");

/** Applies the sample desk and plays the reference scenario once; answers whether all ten steps have happened. */
export async function demo(running: Up, receiver: Receiver, say: (line: string) => void): Promise<boolean> {
  const { dataDir } = running.settings;
  const url = running.desk.url;
  const apiKey = (await keptApiKey(dataDir)) ?? (await createBusiness(running, dataDir));
  const desk = client(url, apiKey);

  const before = await storyOf(desk);
  if (before?.steps.every((step) => step.happened) === true) {
    say(printSteps(before.steps, true));
    const kept = await keptReceived(receivedFile(dataDir));
    const verified = kept !== undefined && stillVerifies(running.endpointSecret, kept);
    say(verified ? "The stored webhook's signature was verified again." : "The stored webhook's signature does NOT verify.");
    return verified;
  }

  await applySampleDesk(desk, receiver.url, say);
  say("Playing the reference scenario: an e-mail about the Wi-Fi arrives.");
  const story = await playScenario(desk);
  say(printSteps(story.steps, false));
  return story.steps.every((step) => step.happened) && receiver.received().some((one) => stillVerifies(running.endpointSecret, one));
}

async function createBusiness(running: Up, dataDir: string): Promise<string> {
  const installation = client(running.desk.url, running.installKey);
  const { apiKey } = await installation.send<{ apiKey: string }>("POST", "/v1/businesses", { id: TENANT, name: "Sample IT help desk" }, `business:${TENANT}`);
  await keepApiKey(dataDir, apiKey);
  return apiKey;
}

/** Sends the pack with the sample CRM's real address, then waits until its knowledge and its router can be used. */
async function applySampleDesk(desk: Client, receiverUrl: string, say: (line: string) => void): Promise<void> {
  const files = await readFolder(SAMPLE_DESK);
  const integrations = files.get("integrations.yaml");
  if (integrations !== undefined) files.set("integrations.yaml", integrations.replace(/http:\/\/127\.0\.0\.1:\d+\/\S*/, receiverUrl));
  const applied = await desk.send<{ documents: number; examples: number }>("PUT", "/v1/desk", { files: Object.fromEntries(files) }, undefined);
  say(`Applied the sample desk: ${applied.documents} documents, ${applied.examples} labelled examples.`);
  await untilReady(desk, applied.documents);
}

/** An answer needs indexed knowledge and a trained router; both follow the upload by events. */
async function untilReady(desk: Client, documents: number): Promise<void> {
  const until = performance.now() + 60_000;
  while (performance.now() < until) {
    const trained = await desk.get<{ items: unknown[] }>("/v1/events?type=router.trained&limit=1");
    const sources = await desk.get<{ items: unknown[] }>(`/v1/events?type=knowledge.source_indexed&limit=${Math.max(documents, 1)}`);
    if (trained.items.length > 0 && sources.items.length >= documents) return;
    await sleep(50);
  }
  throw new TransientError("desk_not_ready", "the sample desk's knowledge or router was not ready within 60 s");
}
