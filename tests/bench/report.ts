import { writeFile } from "node:fs/promises";
import { type Machine, machine } from "./machine.ts";

export interface Target {
  readonly name: string;
  /** As it is written in words: `≥ 6.5`. */
  readonly target: string;
  readonly measured: number;
  readonly met: boolean;
}

export interface Report<Run> {
  readonly benchmark: string;
  readonly at: string;
  readonly commit: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly runs: readonly Run[];
  readonly targets: readonly Target[];
}

export const atLeast = (name: string, measured: number, bound: number): Target => ({
  name,
  target: `≥ ${bound}`,
  measured: rounded(measured),
  met: measured >= bound,
});

export const atMost = (name: string, measured: number, bound: number): Target => ({
  name,
  target: `≤ ${bound}`,
  measured: rounded(measured),
  met: measured <= bound,
});

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
};

/** Adds when and where, and keeps it if a file is named. */
export async function writeReport<Own extends Omit<Report<unknown>, "machine" | "at">>(
  report: Own,
  out: string | undefined,
): Promise<Own & Pick<Report<unknown>, "machine" | "at">> {
  const whole = { ...report, at: new Date().toISOString(), machine: machine() };
  if (out !== undefined) await writeFile(out, `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

const rounded = (value: number): number => Number(value.toPrecision(3));
