import type { Command } from "commander";
import { PgliteInstallation } from "@opsdesk/database/pglite";
import type { Environment } from "../up/settings.ts";

export interface UpOptions {
  readonly lane?: string;
  readonly services?: readonly string[];
  readonly demo?: boolean;
  readonly exit?: boolean;
}

export const addUp = (program: Command, environment: Environment): void => {
  program
    .command("up")
    .description("run services (all or some) in this process, on the embedded lane or on servers")
    .option("--lane <lane>", "which adapters to run on (OPSDESK_LANE; embedded by default)")
    .option("--services <names>", "comma-separated names; all of them by default", namesOf)
    .option("--demo", "apply the sample desk and play the reference scenario once")
    .option("--exit", "stop when the scenario has been played: 0 only if all ten steps happened")
    .action(async ({ lane = environment["OPSDESK_LANE"], ...options }: UpOptions) => {
      // Postgres takes as long to load as the services do, and has a thread of its own.
      if (lane !== "local") PgliteInstallation.prepare();
      const { run } = await import("../up/run.ts");
      process.exitCode = await run(options, { ...environment, OPSDESK_LANE: lane });
    });
};

const namesOf = (list: string): readonly string[] => list.split(",").map((name) => name.trim());
