import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CpuProfile } from "./kinds-of-work.ts";

const SAMPLE_MICROS = 500;

/** What a process is started with, so that each of its threads leaves a profile when it ends. */
export const profilingOptions = (folder: string): readonly string[] => [
  "--cpu-prof",
  `--cpu-prof-interval=${SAMPLE_MICROS}`,
  `--cpu-prof-dir=${folder}`,
];

/** The clock of a profile, in microseconds. */
export const micros = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Of each thread of a process. Node names them `CPU.<day>.<time>.<process>.<thread>.<number>.cpuprofile`. */
export const profilesOf = (folder: string, pid: number | undefined): readonly CpuProfile[] =>
  readdirSync(folder)
    .filter((name) => name.split(".")[3] === String(pid))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as CpuProfile);
