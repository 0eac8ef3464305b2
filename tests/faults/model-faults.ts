import { setTimeout as sleep } from "node:timers/promises";
import { type ModelEndpoint, startModelEndpoint } from "@opsdesk/triage/testing";
import { type Fault, type World, serviceOf } from "./stack-world.ts";

/** Several timeouts long: whoever asks is held, asks again, and is then not let through for a while. */
const HANGS_MS = 15_000;
const FAILS_MS = 6_000;
const ANSWERS_MS_MAX = 60_000;
const ENQUIRIES = 5;

/** Triage starts again with other settings, as an operator changes a model. */
async function restartTriage(world: World, environment: Readonly<Record<string, string>>): Promise<void> {
  const triage = serviceOf(world, "triage");
  const code = await triage.stop();
  if (code !== 0) world.violation(`triage ended with ${code} when it was asked to stop`);
  triage.tell(environment);
  await triage.start();
}

async function untilMoreAnswers(world: World, endpoint: ModelEndpoint, when: string): Promise<void> {
  const before = endpoint.answered();
  await world.submit();
  const end = Date.now() + ANSWERS_MS_MAX;
  while (endpoint.answered() === before && Date.now() < end) await sleep(100);
  if (endpoint.answered() === before) world.violation(`the model was not asked ${when}`);
}

/** An outside model for the time of the fault: it answers, is broken under load, and answers again. */
function modelFault(name: string, breakFor: (endpoint: ModelEndpoint) => Promise<void>): Fault {
  let endpoint: ModelEndpoint | undefined;
  return {
    name,
    async strike(world) {
      endpoint = await startModelEndpoint();
      await restartTriage(world, {
        MODEL: "claude-haiku-5-5",
        ANTHROPIC_API_KEY: "key-of-the-fault-flow",
        ANTHROPIC_BASE_URL: endpoint.url,
        MODEL_TIMEOUT_MS: "3000",
      });
      await untilMoreAnswers(world, endpoint, "before its endpoint was broken");
      const before = endpoint.asked() - endpoint.answered();
      const broken = breakFor(endpoint);
      for (let n = 0; n < ENQUIRIES; n += 1) await world.submit();
      await broken;
      const unanswered = endpoint.asked() - endpoint.answered() - before;
      if (unanswered === 0) world.violation(`nobody felt that ${name}`);
      world.say(`  ${endpoint.answered()} questions were answered before, ${unanswered} were not`);
    },
    async after(world) {
      if (endpoint === undefined) return;
      await untilMoreAnswers(world, endpoint, "once its endpoint worked again");
      await restartTriage(world, {});
      world.say(`  ${endpoint.answered()} questions were answered in all`);
      await endpoint.close();
    },
  };
}

export const modelHangs = modelFault("a model's endpoint that hangs", async (endpoint) => {
  endpoint.manner = "hanging";
  await sleep(HANGS_MS);
  endpoint.manner = "well";
});

/** It answers 500 and 529, and then nobody listens. */
export const modelFails = modelFault("a model's endpoint that fails", async (endpoint) => {
  endpoint.manner = "failing";
  await sleep(FAILS_MS);
  await endpoint.close();
  await sleep(FAILS_MS);
  endpoint.manner = "well";
  await endpoint.open();
});
