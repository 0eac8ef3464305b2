import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { temporaryFolder } from "@opsdesk/servers";
import { type Crm, startCrm } from "../../faults/crm.ts";
import { kafkaClient } from "../../faults/duplicator.ts";
import { untilTaken } from "../../faults/patience.ts";
import { pick, seeded } from "../../faults/random.ts";
import { stackFaults } from "../../faults/stack-faults.ts";
import { judgeStack } from "../../faults/stack-judge.ts";
import type { World } from "../../faults/stack-world.ts";
import { sampleTexts } from "../../faults/texts.ts";
import { enquiryOf, untilRest } from "../../faults/traffic.ts";
import type { ServiceProcess } from "../../stack/service-process.ts";
import { startStack } from "../../stack/stack.ts";
import { steadily } from "../steadily.ts";
import { coresTakenByOthers } from "../machine.ts";
import { type Report, atMost, writeReport } from "../report.ts";
import { type Growth, type Sample, growthOf } from "./flat.ts";
import { heldBy } from "./sample.ts";

export interface SoakOptions {
  readonly quick: boolean;
  readonly minutes: number;
  readonly minutesBetweenFaults: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

export interface SoakReport extends Report<Sample> {
  readonly minutes: number;
  readonly perSecond: number;
  readonly faults: readonly string[];
  readonly growth: readonly Growth[];
  readonly violations: readonly string[];
  readonly coresTakenByOthers: number;
}

const SHARE = 0.3;
const BURST = 400;
const AT_ONCE = 64;
const SAMPLES = 120;
const FAULTS = [
  "SIGKILL of triage",
  "broker SIGKILL and restart",
  "Postgres SIGKILL and restart",
  "CRM endpoint failing",
  "SIGTERM rolling restart of everything",
  "replicas of triage 1, 3, 1",
];
/** Megabytes that a heap may waver by, files that connections and logs open, rows that are on their way. */
const allowance = (name: string): number => (name.endsWith("MB") ? 100 : name.endsWith("files") ? 20 : 200);

/** Enquiries at a share of what the machine can do, for long, with a fault now and then: what is held must not grow. */
export async function benchSoak(options: SoakOptions): Promise<SoakReport> {
  const { commit, minutes, minutesBetweenFaults, out, quick, say } = options;
  const taken = await coresTakenByOthers();
  const folder = temporaryFolder();
  const random = seeded(1);
  const texts = await sampleTexts(1_000, 1);
  let crm: Crm | undefined;
  const stack = await startStack({
    folder,
    say,
    ownServers: true,
    environment: { LOG_LEVEL: "warn", WEBHOOK_TIMEOUT_MS: "3000" },
    async receiver(secret) {
      crm = await startCrm(secret, folder);
      return crm.address;
    },
  });
  const replicas: ServiceProcess[] = [];
  const admin = kafkaClient(stack.kafka).admin();
  try {
    if (crm === undefined) throw new TypeError("the stack runs without its CRM");
    const desk = client(stack.gateway.url, await createBusiness(stack.installation));
    await applySampleDesk(desk, crm.url, say);
    const receiver = crm;
    let sent = 0;
    const violations: string[] = [];
    const submit: World["submit"] = async (given) => {
      const n = (sent += 1);
      const text = given?.text ?? pick(random, texts);
      return await untilTaken(() =>
        desk.send<{ reference: string; ticketId: string }>("POST", "/v1/enquiries", enquiryOf(`soak-${n}`, text)),
      );
    };
    const atRest = async (): Promise<void> => {
      const busy = await untilRest(stack, receiver, say);
      if (busy.length > 0) violations.push(`still at work: ${busy.join(", ")}`);
    };
    const world: World = {
      stack,
      crm,
      desk,
      random,
      say,
      submit,
      async replica(service, number) {
        const one = await stack.replica(service, number);
        replicas.push(one);
        return one;
      },
      violation: (words) => void violations.push(words),
      parks: () => undefined,
    };

    const from = performance.now();
    let left = BURST;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while ((left -= 1) >= 0) await submit();
      }),
    );
    await atRest();
    const perSecond = Number((((SHARE * BURST) / (performance.now() - from)) * 1_000).toFixed(2));
    say(`${perSecond} enquiries a second for ${minutes} minutes`);

    await admin.connect();
    const samples: Sample[] = [];
    const struck: string[] = [];
    const begun = performance.now();
    const end = begun + minutes * 60_000;
    const everyMs = (minutes * 60_000) / SAMPLES;
    const steady = steadily(perSecond, async () => void (await submit()));
    const striking = (async () => {
      for (let n = 0; ; n += 1) {
        await sleep(minutesBetweenFaults * 60_000);
        const fault = stackFaults.find(({ name }) => name === FAULTS[n % FAULTS.length]);
        // After the last one things must be as before, which takes a while to see.
        if (fault === undefined || performance.now() + minutesBetweenFaults * 30_000 > end) return;
        await fault.strike(world);
        struck.push(fault.name);
        say(`${fault.name}, mended after ${Math.round((performance.now() - begun) / 1_000)} s`);
      }
    })();
    striking.catch(() => undefined);
    while (performance.now() < end) {
      samples.push({ at: Math.round(performance.now() - begun), held: await heldBy(stack, admin) });
      await sleep(everyMs);
    }
    await striking;
    await steady.stop();
    await atRest();

    const judgement = await judgeStack(stack, {
      tickets: sent,
      customerMessages: sent,
      received: receiver.received(),
      parkedCodes: [],
    });
    const all = [...violations, ...judgement.violations];
    for (const violation of all) say(`VIOLATION: ${violation}`);
    const growth = growthOf(samples, allowance);
    for (const { early, flat, late, name } of growth) if (!flat) say(`GROWS: ${name}, ${early} to ${late}`);
    return await writeReport(
      {
        benchmark: "soak",
        commit,
        quick,
        minutes,
        perSecond,
        faults: struck,
        runs: samples,
        growth,
        violations: all,
        coresTakenByOthers: Number(taken.toFixed(2)),
        targets: [
          atMost("lost, twice or out of order", all.length, 0),
          atMost("things that grow", growth.filter(({ flat }) => !flat).length, 0),
        ],
      },
      out,
    );
  } finally {
    await admin.disconnect();
    await Promise.all(replicas.map((one) => one.stop()));
    await stack.stop();
    await crm?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
