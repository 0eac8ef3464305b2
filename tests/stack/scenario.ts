import { client } from "@opsdesk/opsdesk/client";
import type { Received } from "@opsdesk/opsdesk/receiver";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { isComplete, playScenario, REFERENCE, referenceMail } from "@opsdesk/opsdesk/scenario";
import { tellSteps } from "@opsdesk/opsdesk/scenario-print";
import type { Stack } from "./stack.ts";

/**
 * Plays the reference scenario through the gateway, as its people would; answers whether all ten steps happened.
 * `chosenKey`: the business's API key, for whoever goes on with it.
 */
export async function playOnStack(
  stack: Pick<Stack, "gateway" | "installation">,
  receiver: { readonly url: string; received(): readonly Received[] },
  say: (line: string) => void,
  chosenKey?: string,
): Promise<boolean> {
  const apiKey = await createBusiness(stack.installation, undefined, chosenKey);
  const desk = client(stack.gateway.url, apiKey);
  const pack = await applySampleDesk(desk, receiver.url, say);
  const story = await playScenario(desk, referenceMail(pack.desk.scenarios));
  say(tellSteps(story, "now"));
  // The receiver keeps only what the Standard Webhooks library has verified.
  const delivered = receiver.received().some(({ body }) => {
    const event = JSON.parse(body) as { readonly reference?: string; readonly type?: string };
    return event.reference === REFERENCE && event.type === "ai.draft.review_required";
  });
  say(delivered ? "The webhook's signature was verified." : "No verified webhook of it came.");
  return isComplete(story) && delivered;
}
