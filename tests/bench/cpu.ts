import { readFileSync, readdirSync } from "node:fs";

/** Of the kernel; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of a process and all its descendants, ended ones included, in milliseconds. Undefined where there is no
 * `/proc`, or where it is not known which process it is.
 */
export function cpuMsOfTree(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  const parents = new Map<number, number[]>();
  const spent = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const one = Number(name);
    if (!Number.isInteger(one)) continue;
    try {
      const text = readFileSync(`/proc/${one}/stat`, "utf8");
      // Its name may hold anything; what follows the last bracket begins with its state.
      const fields = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      const parent = fields[1] ?? 0;
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0);
      spent.set(one, ticks);
      const siblings = parents.get(parent);
      if (siblings === undefined) parents.set(parent, [one]);
      else siblings.push(one);
    } catch {
      // It has ended meanwhile.
    }
  }
  const sum = (one: number): number =>
    (spent.get(one) ?? 0) + (parents.get(one) ?? []).reduce((total, child) => total + sum(child), 0);
  return (sum(pid) / TICKS_PER_SECOND) * 1_000;
}

/** Resident memory of one process, in MB; undefined as above. */
export function rssMbOf(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== "linux") return undefined;
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return kb === undefined ? undefined : Math.round(Number(kb) / 1_024);
}
