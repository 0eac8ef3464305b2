import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { temporaryFolder } from "@opsdesk/servers";
import { type Crm, startCrm } from "../../faults/crm.ts";
import { kafkaClient } from "../../faults/duplicator.ts";
import { untilTaken } from "../../faults/patience.ts";
import { judgeStack } from "../../faults/stack-judge.ts";
import { sampleTexts } from "../../faults/texts.ts";
import { enquiryOf, untilRest } from "../../faults/traffic.ts";
import type { ServiceProcess } from "../../stack/service-process.ts";
import { startStack } from "../../stack/stack.ts";
import { coresTakenByOthers, isBusy } from "../machine.ts";
import { type Report, atMost, writeReport } from "../report.ts";
import { steadily } from "../steadily.ts";
import { longestPauses } from "./pauses.ts";
import { Watch } from "./watch.ts";

export interface ReplicasOptions {
  readonly quick: boolean;
  /** Enquiries. */
  readonly perSecond: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

interface Phase {
  readonly what: string;
  /** When it is over. */
  readonly processes: number;
  /** The longest of all partitions, milliseconds. */
  readonly longestPauseMs: number;
  readonly partitions: number;
}

interface Throughput {
  readonly processes: number;
  readonly tickets: number;
  readonly ticketsPerSecond: number;
}

export interface ReplicasReport extends Report<Phase> {
  /** Until everybody has done all that the tickets cost. */
  readonly throughput: readonly Throughput[];
  readonly violations: readonly string[];
  readonly coresTakenByOthers: number;
}

const SERVICE = "triage";
const AT_ONCE = 64;

/**
 * Adds processes to a service and takes them away, in order and by force, while enquiries come at a steady rate: how
 * long no partition of it moved, and whether all that was sent has been done once.
 */
export async function benchReplicas(options: ReplicasOptions): Promise<ReplicasReport> {
  const { commit, out, perSecond, quick, say } = options;
  const phaseMs = (quick ? 15 : 40) * 1_000;
  const burst = quick ? 400 : 2_000;
  const taken = await coresTakenByOthers();
  const folder = temporaryFolder();
  const texts = await sampleTexts(1_000, 1);
  let crm: Crm | undefined;
  const stack = await startStack({
    folder,
    say,
    ownServers: true,
    environment: { LOG_LEVEL: "warn" },
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
    let sent = 0;
    const submit = async (): Promise<void> => {
      const n = (sent += 1);
      await untilTaken(() => desk.send("POST", "/v1/enquiries", enquiryOf(`r-${n}`, texts[n % texts.length] ?? "")));
    };
    const atRest = async (): Promise<void> => {
      const busy = await untilRest(stack, crm as Crm, say);
      if (busy.length > 0) throw new Error(`still at work: ${busy.join(", ")}`);
    };
    for (let n = 0; n < AT_ONCE; n += 1) await submit();
    await atRest();

    await admin.connect();
    const watch = new Watch(admin, `opsdesk.${SERVICE}`);
    const add = async (): Promise<void> => {
      replicas.push(await stack.replica(SERVICE, replicas.length + 2));
    };
    const leave = async (how: "stop" | "kill"): Promise<void> => {
      await replicas.pop()?.[how]();
    };
    const both = async (one: () => Promise<void>): Promise<void> => void (await Promise.all([one(), one()]));
    const runs: Phase[] = [];
    const throughput: Throughput[] = [];
    const phase = async (what: string, change: () => Promise<void>): Promise<void> => {
      const from = performance.now();
      const steady = steadily(perSecond, submit);
      await change();
      await sleep(phaseMs);
      await steady.stop();
      const pauses = longestPauses(watch.since(from));
      const longestPauseMs = Math.round(Math.max(0, ...pauses.values()));
      runs.push({ what, processes: 1 + replicas.length, longestPauseMs, partitions: pauses.size });
      say(`${what}: no partition of ${pauses.size} paused for longer than ${longestPauseMs} ms`);
      await atRest();
    };
    const many = async (): Promise<void> => {
      const from = performance.now();
      let left = burst;
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while ((left -= 1) >= 0) await submit();
        }),
      );
      await atRest();
      const seconds = (performance.now() - from) / 1_000;
      const ticketsPerSecond = Number((burst / seconds).toFixed(1));
      throughput.push({ processes: 1 + replicas.length, tickets: burst, ticketsPerSecond });
      say(`${burst} enquiries with ${1 + replicas.length} processes: ${ticketsPerSecond} tickets/s until all was done`);
    };

    await phase("nothing changes", () => Promise.resolve());
    await many();
    await phase("a second joins", add);
    await many();
    await phase("two more join", () => both(add));
    await many();
    await phase("two of four leave in order", () => both(() => leave("stop")));
    await phase("one of two is killed", () => leave("kill"));
    await watch.stop();

    const judgement = await judgeStack(stack, {
      tickets: sent,
      customerMessages: sent,
      received: crm.received(),
      parkedCodes: [],
    });
    for (const violation of judgement.violations) say(`VIOLATION: ${violation}`);
    const longest = (kind: RegExp): number =>
      Math.max(...runs.filter(({ what }) => kind.test(what)).map((run) => run.longestPauseMs));
    return await writeReport(
      {
        benchmark: "replicas",
        commit,
        quick,
        runs,
        throughput,
        coresTakenByOthers: Number(taken.toFixed(2)),
        violations: judgement.violations,
        targets: isBusy(taken)
          ? []
          : [
              atMost("lost, twice or out of order", judgement.violations.length, 0),
              atMost("longest pause of a partition when processes join, ms", longest(/join/), 3_000),
              atMost("longest pause of a partition when processes leave in order, ms", longest(/leave/), 3_000),
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
