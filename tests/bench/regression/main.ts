import { join } from "node:path";
import { root } from "../../../scripts/checkout.mjs";
import { type Copy, checkOut } from "../../faults/copy.ts";
import { run } from "../../stack/command.ts";
import { type Report, atLeast, atMost, writeReport } from "../report.ts";
import { type Comparison, compare } from "./compare.ts";

/** A ticket may cost so much more than before until somebody is warned. */
const RATIO_MAX = 1.2;
const SLOWER = join(import.meta.dirname, "slower-by-30-percent.patch");

export interface RegressionOptions {
  readonly base: string;
  readonly pairs: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

/** This checkout against an earlier commit. Undefined where there is no such commit, as in a shallow clone. */
export async function benchRegression(options: RegressionOptions): Promise<Report<Comparison> | undefined> {
  const { base, commit, out, pairs, say } = options;
  const copy = await baseOf(base);
  if (copy === undefined) return undefined;
  try {
    const found = await compare({ before: copy.folder, after: root, pairs, say });
    return await writeReport(
      {
        benchmark: "regression",
        commit,
        quick: false,
        runs: [found],
        targets: [atMost(`CPU a ticket, against ${base}`, found.ratio, RATIO_MAX)],
      },
      out,
    );
  } finally {
    await copy.remove();
  }
}

/** How often a commit that costs 30 % more is noticed: a check that cannot warn proves nothing. */
export async function proveRegression(
  options: RegressionOptions & { readonly runs: number },
): Promise<Report<Comparison>> {
  const { commit, out, pairs, runs: count, say } = options;
  const [plain, slower] = await Promise.all([checkOut("HEAD"), checkOut("HEAD", SLOWER)]);
  try {
    const runs: Comparison[] = [];
    for (let number = 1; number <= count; number += 1) {
      const found = await compare({ before: plain.folder, after: slower.folder, pairs, say: () => undefined });
      say(`run ${number}: ${found.ratio.toFixed(2)} of what it cost`);
      runs.push(found);
    }
    const noticed = runs.filter(({ ratio }) => ratio > RATIO_MAX).length;
    return await writeReport(
      {
        benchmark: "regression-proof",
        commit,
        quick: false,
        runs,
        targets: [atLeast("share of runs that noticed 30 % more CPU", noticed / count, 0.9)],
      },
      out,
    );
  } finally {
    await plain.remove();
    await slower.remove();
  }
}

async function baseOf(ref: string): Promise<Copy | undefined> {
  const there = await run("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`], root).then(
    () => true,
    () => false,
  );
  return there ? await checkOut(ref) : undefined;
}
