import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { client } from "@opsdesk/opsdesk/client";
import { startReceiver } from "@opsdesk/opsdesk/receiver";
import { DeskProcess, freePort } from "./desk-process.ts";
import { untilTaken } from "./patience.ts";
import { pick, seeded } from "./random.ts";
import { approve, enquiryOf, plan } from "./traffic.ts";
import { type Verdict, verify } from "./verify.ts";

export interface FlowOptions {
  readonly seed: number;
  readonly texts: readonly string[];
  readonly kills: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface FlowReport extends Verdict {
  readonly seed: number;
  readonly tickets: number;
  readonly kills: number;
  readonly seconds: number;
  readonly recoverySecondsMax: number;
}

const WORKERS = 48;
const RETRY_MS_MAX = 6_000;
const INSTALL_KEY = `odk_${"fault-test-".repeat(4)}`;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/**
 * An import during which the desk is killed at seeded moments and started again each time. Every tenth customer writes
 * again, up to three times, and every twentieth draft is approved, so that releases, retirements and webhooks are killed as well.
 */
export async function runEmbeddedFlow(options: FlowOptions): Promise<FlowReport> {
  const random = seeded(options.seed);
  const dataDir = join(options.folder, "data");
  await mkdir(dataDir, { recursive: true });
  const receiver = await startReceiver({ port: 0, secret: SECRET, onReceived: () => Promise.resolve() });
  const desk = new DeskProcess(dataDir, await freePort(), {
    OPSDESK_INSTALL_KEY: INSTALL_KEY,
    OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: SECRET,
    WEBHOOK_ALLOW_ADDRESSES: receiver.address,
  });
  const startedAt = performance.now();
  let recoverySecondsMax = 0;
  try {
    await desk.start();
    const apiKey = await createBusiness(client(desk.url, INSTALL_KEY));
    const api = client(desk.url, apiKey);
    await applySampleDesk(api, receiver.url, () => undefined);

    const moments = new Set<number>();
    while (moments.size < options.kills) moments.add(1 + Math.floor(random() * (options.texts.length - 1)));
    const plans = options.texts.map(() => plan(random));
    let accepted = 0;
    let approved = 0;
    let next = 0;
    let killing: Promise<void> | undefined;

    const killAndStart = async (): Promise<void> => {
      await sleep(random() * 200);
      await desk.kill();
      const from = performance.now();
      await desk.start();
      recoverySecondsMax = Math.max(recoverySecondsMax, (performance.now() - from) / 1_000);
      options.say(`killed and started again after ${accepted} enquiries`);
    };

    const worker = async (): Promise<void> => {
      for (let index = next++; index < options.texts.length; index = next++) {
        const text = options.texts[index] ?? "";
        const { reference, ticketId } = await untilTaken(() =>
          api.send<{ reference: string; ticketId: string }>("POST", "/v1/enquiries", enquiryOf(`row-${index}`, text)),
        );
        accepted += 1;
        if (moments.delete(accepted)) killing = (killing ?? Promise.resolve()).then(killAndStart);
        for (let n = 1; n <= (plans[index]?.again ?? 0); n += 1) {
          // Chosen once: a repeat with other words would be another message under the same id.
          const message = { text: `Still waiting. ${pick(random, options.texts)}`, externalId: `again-${index}-${n}` };
          // And once more, as by a client whose first answer was lost.
          for (let time = 0; time < 2; time += 1)
            await untilTaken(() => api.send("POST", `/v1/tickets/${reference}/messages`, message));
        }
        if (plans[index]?.approved === true && (await approve(api, ticketId, index))) approved += 1;
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
    await killing;
    await desk.idle(300_000);
    // What waits for another event is looked at again in a few seconds; until then its service has nothing in work.
    await sleep(RETRY_MS_MAX);
    await desk.idle(300_000);
    await desk.stop();

    const again = plans.reduce((sum, one) => sum + one.again, 0);
    options.say(`${options.texts.length} enquiries, ${again} further messages, ${approved} approvals; verifying`);
    const verdict = await verify(dataDir, {
      tickets: options.texts.length,
      customerMessages: options.texts.length + again,
      received: receiver.received(),
    });
    return {
      ...verdict,
      seed: options.seed,
      tickets: options.texts.length,
      kills: desk.starts - 1,
      seconds: (performance.now() - startedAt) / 1_000,
      recoverySecondsMax,
    };
  } finally {
    await desk.kill();
    await receiver.stop();
  }
}
