import { existsSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@opsdesk/servers";
import { run } from "../stack/command.ts";
import { checkOut } from "./copy.ts";

interface Planted {
  /** The fault that it must not survive, by some words of its name. */
  readonly fault: string;
  /** So many enquiries that it shows. */
  readonly tickets: number;
  /** What of all that may be found is its doing. */
  readonly shows: RegExp;
}

const LOSS = /without exactly one (verdict|disposition|ai\.draft\.proposed)|missing from the console/;

/** The patches in `planted/`. */
export const PLANTED: Readonly<Record<string, Planted>> = {
  "published-before-commit": {
    fault: "Postgres SIGKILL",
    tickets: 300,
    shows: /of one id with different content|versions of a ticket that two events tell of/,
  },
  "offsets-before-publish": { fault: "SIGKILL of", tickets: 600, shows: LOSS },
  "no-inbox-claim": { fault: "every message delivered twice", tickets: 300, shows: /events twice in the console/ },
  "relay-by-id-cursor": { fault: "CRM endpoint slow", tickets: 2_500, shows: LOSS },
  "skip-locked-relay": { fault: "broker SIGKILL", tickets: 900, shows: /order inversions of a ticket/ },
};

export interface PlantedOptions {
  readonly bug: string | undefined;
  readonly seeds: number;
  /** Absent: as many as each needs. */
  readonly tickets: number | undefined;
  readonly say: (line: string) => void;
}

export interface PlantedReport {
  readonly bug: string;
  /** Of the first seed that found it; absent: none did. */
  readonly seed?: number;
  readonly violations: readonly string[];
}

/**
 * Plants one known mistake at a time into a copy of what is committed, and runs the fault command there, which must
 * find it: a check that cannot fail proves nothing.
 */
export async function runPlanted({ bug, seeds, tickets, say }: PlantedOptions): Promise<readonly PlantedReport[]> {
  const folder = join(import.meta.dirname, "planted");
  const bugs = (await readdir(folder))
    .map((file) => file.replace(/\.patch$/, ""))
    .filter((name) => (bug ?? name) === name);
  const reports: PlantedReport[] = [];
  for (const name of bugs.toSorted()) {
    const planted = PLANTED[name];
    if (planted === undefined) throw new TypeError(`nothing says which fault shows ${name}`);
    const copy = await checkOut("HEAD", join(folder, `${name}.patch`));
    try {
      reports.push(
        await found(name, { ...planted, ...(tickets === undefined ? {} : { tickets }) }, copy.folder, seeds, say),
      );
    } finally {
      await copy.remove();
    }
  }
  return reports;
}

async function found(
  bug: string,
  { fault, shows, tickets }: Planted,
  copy: string,
  seeds: number,
  say: (line: string) => void,
): Promise<PlantedReport> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    say(`${bug}: seed ${seed}`);
    const folder = temporaryFolder();
    const out = join(folder, "report.json");
    const args = ["stack", "--seed", seed, "--tickets", tickets, "--only", fault, "--folder", folder, "--out", out];
    await run(process.execPath, ["scripts/run.mjs", "test:faults", ...args.map(String)], copy).catch(() => undefined);
    // A flow that came to no report has found nothing.
    if (!existsSync(out)) throw new Error(`the fault command ended without a report; its files are in ${folder}`);
    const { violations } = JSON.parse(readFileSync(out, "utf8")) as { violations: readonly string[] };
    await rm(folder, { recursive: true, force: true });
    for (const line of violations) say(`  ${line}`);
    // Red for another reason is no proof.
    if (violations.some((line) => shows.test(line))) return { bug, seed, violations };
  }
  return { bug, violations: [] };
}
