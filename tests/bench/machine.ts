import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem, release, type } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

export const machine = (): Machine => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? "unknown",
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
});

const LOOK_MS = 2_000;
/** Of one core. */
const BUSY_SHARE = 0.25;

/** What others take of the machine while this process waits, in cores; steal counts. Falls back to the load of a minute. */
export async function coresTakenByOthers(): Promise<number> {
  const before = busyTicks();
  await sleep(LOOK_MS);
  const after = busyTicks();
  if (before === undefined || after === undefined) return loadavg()[0] ?? 0;
  return (after - before) / (LOOK_MS / 10);
}

export const isBusy = (cores: number): boolean => cores > BUSY_SHARE;

function busyTicks(): number | undefined {
  if (process.platform !== "linux") return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = (
    readFileSync("/proc/stat", "utf8").split("\n")[0] ?? ""
  )
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + soft + steal;
}
