import { median } from "../report.ts";

/** What was held at one moment, by name: bytes, files, rows. */
export interface Sample {
  readonly at: number;
  readonly held: Readonly<Record<string, number>>;
}

export interface Growth {
  readonly name: string;
  /** Medians: of the second quarter, when all is warm, and of the last. */
  readonly early: number;
  readonly late: number;
  readonly flat: boolean;
}

const RATIO_MAX = 1.25;

/** Whether what is held stays as it is. `allowance`: how much more of a name is nothing, in its own unit. */
export function growthOf(samples: readonly Sample[], allowance: (name: string) => number): readonly Growth[] {
  const quarter = Math.floor(samples.length / 4);
  const names = [...new Set(samples.flatMap(({ held }) => Object.keys(held)))].toSorted();
  const middle = (name: string, from: number, to: number): number => {
    const values = samples.slice(from, to).flatMap(({ held }) => held[name] ?? []);
    // A process that is just being started holds nothing.
    return values.length === 0 ? 0 : median(values);
  };
  return names.map((name) => {
    const early = middle(name, quarter, quarter * 2);
    const late = middle(name, samples.length - quarter, samples.length);
    return { name, early, late, flat: late <= Math.max(early * RATIO_MAX, early + allowance(name)) };
  });
}
