import { existsSync, readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@opsdesk/servers";
import { run } from "../stack/command.ts";
import { checkOut } from "./copy.ts";

/** The patches in `planted/`, and a fault that each of them must not survive. */
export const PLANTED: Readonly<Record<string, string>> = {
  "published-before-commit": "Postgres SIGKILL",
  "offsets-before-publish": "SIGKILL of",
  "no-inbox-claim": "every message delivered twice",
  "relay-by-id-cursor": "CRM endpoint slow",
  "skip-locked-relay": "broker SIGKILL",
};

export interface PlantedOptions {
  readonly bug: string | undefined;
  readonly seeds: number;
  readonly tickets: number;
  readonly say: (line: string) => void;
}

export interface PlantedReport {
  readonly bug: string;
  /** Of the first seed that turned red; absent: none did. */
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
    const only = PLANTED[name];
    if (only === undefined) throw new TypeError(`nothing says which fault shows ${name}`);
    const copy = await checkOut("HEAD", join(folder, `${name}.patch`));
    try {
      reports.push(await found(name, only, copy.folder, seeds, tickets, say));
    } finally {
      await copy.remove();
    }
  }
  return reports;
}

async function found(
  bug: string,
  only: string,
  copy: string,
  seeds: number,
  tickets: number,
  say: (line: string) => void,
): Promise<PlantedReport> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    say(`${bug}: seed ${seed}`);
    const folder = temporaryFolder();
    const out = join(folder, "report.json");
    const args = ["stack", "--seed", seed, "--tickets", tickets, "--only", only, "--folder", folder, "--out", out];
    await run(process.execPath, ["scripts/run.mjs", "test:faults", ...args.map(String)], copy).catch(() => undefined);
    // A flow that came to no report has found nothing.
    if (!existsSync(out)) throw new Error(`the fault command ended without a report; its files are in ${folder}`);
    const { violations } = JSON.parse(readFileSync(out, "utf8")) as { violations: readonly string[] };
    await rm(folder, { recursive: true, force: true });
    for (const line of violations) say(`  ${line}`);
    if (violations.length > 0) return { bug, seed, violations };
  }
  return { bug, violations: [] };
}
