import { type PipelineRun, runOnce, startServers } from "../pipeline/bench.ts";
import { type Report, writeReport } from "../report.ts";
import type { Load } from "../pipeline/driver.ts";
import { type DeskRun, type MeasuredDesk, benchDesk, loadOf } from "./bench.ts";
import { openEmbeddedDesk } from "./embedded.ts";
import { openLocalDesk } from "./local.ts";
import { type KindsOfWork, profileDesk } from "./profile.ts";
import { targetsOf } from "./targets.ts";

export interface DeskBenchOptions {
  readonly quick: boolean;
  readonly lanes: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

export interface DeskReport extends Report<DeskRun> {
  /** The five steps with jobs on the same machine, before the desk and after it. */
  readonly reference: readonly PipelineRun[];
  readonly desks: readonly (Omit<MeasuredDesk, "runs"> & { readonly kindsOfWork: KindsOfWork })[];
}

const IMPORT = 2_000;
const BACKLOG = 5_000;
const WARM_UP_SECONDS = 5;

export async function benchDesks(options: DeskBenchOptions): Promise<DeskReport> {
  const { commit, lanes, out, quick, rounds, say, seconds } = options;
  const closed = (inFlight: number): Load => ({ kind: "closed", inFlight, seconds });
  const loads: readonly Load[] = [closed(1), ...(quick ? [] : [closed(64)]), closed(512), loadOf(IMPORT)];
  const all = [
    { lane: "local", open: openLocalDesk, loads },
    { lane: "embedded", open: openEmbeddedDesk, loads },
  ].filter(({ lane }) => lanes.includes(lane));
  const runs: DeskRun[] = [];
  const desks: DeskReport["desks"][number][] = [];
  const reference: PipelineRun[] = [];
  for (const desk of all) {
    const compared = desk.lane === "local";
    if (compared) reference.push(await referenceRun(say));
    const { runs: own, ...measured } = await benchDesk(desk, { rounds, say, warmUpSeconds: WARM_UP_SECONDS });
    runs.push(...own);
    if (compared) reference.push(await referenceRun(say));
    desks.push({ ...measured, kindsOfWork: await profileDesk(desk, { tickets: IMPORT, say }) });
  }
  const targets = targetsOf(runs, reference, desks);
  return await writeReport({ benchmark: "desk", commit, quick, runs, reference, desks, targets }, out);
}

async function referenceRun(say: (line: string) => void): Promise<PipelineRun> {
  const servers = await startServers({ own: true });
  try {
    const load = { kind: "backlog", tickets: BACKLOG } as const;
    const { run } = await runOnce(servers, "ours-jobs", load, { first: 1, round: 1, warmUpSeconds: 0 });
    say(
      `five steps with jobs: ${run.ticketsPerSecond} tickets/s, CPU ms a ticket ${Object.values(run.cpuMs).join("/")}`,
    );
    return run;
  } finally {
    await servers.stop();
  }
}
