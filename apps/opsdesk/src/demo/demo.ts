import { join } from "node:path";
import { client } from "../client/client.ts";
import { keepApiKey, keptApiKey } from "../up/secrets.ts";
import type { Up } from "../up/up.ts";
import { printSteps } from "./print.ts";
import { type Receiver, keptReceived, stillVerifies } from "./receiver.ts";
import { applySampleDesk, createBusiness } from "./sample.ts";
import { playScenario, referenceMail, storyOf } from "./scenario.ts";

export const receivedFile = (dataDir: string): string => join(dataDir, "demo", "webhook.json");

/** Applies the sample desk and plays the reference scenario once; answers whether all ten steps have happened. */
export async function demo(running: Up, receiver: Receiver, say: (line: string) => void): Promise<boolean> {
  const { dataDir } = running.settings;
  const url = running.desk.url;
  let apiKey = await keptApiKey(dataDir);
  if (apiKey === undefined) {
    apiKey = await createBusiness(client(url, running.installKey));
    await keepApiKey(dataDir, apiKey);
  }
  const desk = client(url, apiKey);

  const before = await storyOf(desk);
  if (before?.steps.every((step) => step.happened) === true) {
    say(printSteps(before.steps, true));
    const kept = await keptReceived(receivedFile(dataDir));
    const verified = kept !== undefined && stillVerifies(running.endpointSecret, kept);
    say(verified ? "The stored webhook's signature was verified again." : "The stored webhook's signature does NOT verify.");
    return verified;
  }

  const pack = await applySampleDesk(desk, receiver.url, say);
  say("Playing the reference scenario: an e-mail about the Wi-Fi arrives.");
  const story = await playScenario(desk, referenceMail(pack.desk.scenarios));
  say(printSteps(story.steps, false));
  return story.steps.every((step) => step.happened) && receiver.received().some((one) => stillVerifies(running.endpointSecret, one));
}
