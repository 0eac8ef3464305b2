import { join } from "node:path";
import { type Client, client } from "../client/client.ts";
import { freshApiKey, keepApiKey, keptApiKey } from "../up/secrets.ts";
import type { Up } from "../up/up.ts";
import { tellSteps } from "./print.ts";
import { type Received, type Receiver, doubtAbout, keptReceived } from "./receiver.ts";
import { applySampleDesk, createBusiness } from "./sample.ts";
import { REFERENCE, type StorySummary, isComplete, playScenario, referenceMail, storyOf } from "./scenario.ts";

/** Other tickets' webhooks come to the same receiver. Its receiver has verified it, so it is what the desk sent. */
export function isOfReference({ body }: Received): boolean {
  const { reference, type } = JSON.parse(body) as { readonly reference?: string; readonly type?: string };
  return type === "ai.draft.review_required" && reference === REFERENCE;
}

export const receivedFile = (dataDir: string): string => join(dataDir, "demo", "webhook.json");

/**
 * Applies the sample desk and plays the reference scenario once, or goes on where an earlier start was stopped.
 * Answers whether all ten steps have happened, the webhook's signature included.
 */
export async function demo(running: Up, receiver: Receiver, say: (line: string) => void): Promise<boolean> {
  const desk = client(running.desk.url, await apiKeyOf(running));

  const before = await storyOf(desk);
  if (before !== undefined && isComplete(before)) {
    if (!(await isSentTo(desk, receiver.url))) await applySampleDesk(desk, receiver.url, say);
    say(tellSteps(before, "already"));
    return await webhookVerifies(running, before, "again", say);
  }

  const pack = await applySampleDesk(desk, receiver.url, say);
  say(
    before === undefined
      ? "Playing the reference scenario: an e-mail about the Wi-Fi arrives."
      : `Going on with ${before.reference}, which an earlier start left unfinished.`,
  );
  const story = await playScenario(desk, referenceMail(pack.desk.scenarios));
  say(tellSteps(story, "now"));
  return isComplete(story) && (await webhookVerifies(running, story, "by the receiver, and again as stored", say));
}

async function webhookVerifies(
  { secrets, settings }: Up,
  story: StorySummary,
  how: string,
  say: (line: string) => void,
): Promise<boolean> {
  const file = receivedFile(settings.dataDir);
  const doubt = doubtAbout(await keptReceived(file), secrets.OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM, story);
  say(
    doubt === undefined
      ? `\nThe stored webhook's signature was verified ${how}.`
      : `\nwebhook_not_verified: ${file} ${doubt}.`,
  );
  return doubt === undefined;
}

/**
 * The key is kept before it is made known: a start that is killed in between leaves one that the next start can use,
 * since the desk stores nothing but its hash.
 */
async function apiKeyOf({ desk, secrets, settings }: Up): Promise<string> {
  const kept = await keptApiKey(settings.dataDir);
  const apiKey = kept ?? freshApiKey();
  if (kept === undefined) await keepApiKey(settings.dataDir, apiKey);
  return await createBusiness(client(desk.url, secrets.OPSDESK_INSTALL_KEY), undefined, apiKey);
}

/** Another start may have had its receiver at another port. */
async function isSentTo(desk: Client, url: string): Promise<boolean> {
  const { items } = await desk.get<{ items: readonly { name: string; url: string }[] }>("/v1/webhooks/endpoints");
  return items.some((endpoint) => endpoint.url === url);
}
