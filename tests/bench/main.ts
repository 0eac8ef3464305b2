import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { root } from "../../scripts/checkout.mjs";
import { benchDesks } from "./desk/main.ts";
import { benchGrowth } from "./growth/main.ts";
import { benchPipeline } from "./pipeline/main.ts";
import { benchRegression, proveRegression } from "./regression/main.ts";
import { benchReplicas } from "./replicas/main.ts";
import type { Target } from "./report.ts";
import { benchSoak } from "./soak/main.ts";
import { COMPARED, SYSTEMS } from "./pipeline/systems.ts";

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`expected a whole number above 0, got ${text}`);
  return value;
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const commit = (): string => {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
};

/** Says what was met, and ends: servers and clients are stopped, and some keep a timer. */
function ended({ targets }: { readonly targets: readonly Target[] }): never {
  for (const { met, measured, name, target } of targets)
    process.stdout.write(`${met ? "met   " : "MISSED"} ${name}: ${measured} (${target})\n`);
  process.exit(targets.every(({ met }) => met) ? 0 : 1);
}

const program = new Command("bench").description("Measures on real servers, and holds the figures against targets.");
program
  .command("pipeline")
  .description("five durable steps with exactly-once effects: ours, and what else one would build them with")
  .option("--quick", "1 and 512 in flight and a backlog, in two rounds of 8 s")
  .option("--systems <names>", `of ${Object.keys(SYSTEMS).join(", ")}`, COMPARED.join(","))
  .option("--rounds <n>", "how often each is measured", whole)
  .option("--seconds <n>", "how long each time", whole)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { quick?: true; systems: string; rounds?: number; seconds?: number; out?: string }) => {
    const systems = options.systems.split(",");
    const unknown = systems.filter((name) => SYSTEMS[name] === undefined);
    if (unknown.length > 0) program.error(`no such system: ${unknown.join(", ")}`);
    const quick = options.quick === true;
    const report = await benchPipeline({
      quick,
      systems,
      rounds: options.rounds ?? (quick ? 2 : 3),
      seconds: options.seconds ?? (quick ? 8 : 15),
      out: options.out,
      commit: commit(),
      say,
    });
    ended(report);
  });
program
  .command("desk")
  .description("whole desks: enquiries in, dispositions out, and everything that a ticket costs")
  .option("--quick", "1 and 512 in flight and an import, in two rounds of 8 s")
  .option("--lanes <names>", "of local, embedded", "local,embedded")
  .option("--rounds <n>", "how often each is measured", whole)
  .option("--seconds <n>", "how long each time", whole)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { quick?: true; lanes: string; rounds?: number; seconds?: number; out?: string }) => {
    const quick = options.quick === true;
    const lanes = options.lanes.split(",");
    if (!lanes.every((lane) => ["local", "embedded"].includes(lane))) program.error(`no such lane: ${options.lanes}`);
    ended(
      await benchDesks({
        quick,
        lanes,
        rounds: options.rounds ?? (quick ? 2 : 3),
        seconds: options.seconds ?? (quick ? 8 : 15),
        out: options.out,
        commit: commit(),
        say,
      }),
    );
  });
program
  .command("replicas")
  .description("more and fewer processes of a service under a steady load: how long a partition waits")
  .option("--quick", "shorter phases")
  .option("--rate <n>", "enquiries a second", whole, 10)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { quick?: true; rate: number; out?: string }) =>
    ended(
      await benchReplicas({
        quick: options.quick === true,
        perSecond: options.rate,
        out: options.out,
        commit: commit(),
        say,
      }),
    ),
  );
const fraction = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`expected a number above 0, got ${text}`);
  return value;
};
program
  .command("soak")
  .description("a whole desk for long, with a fault now and then: nothing that it holds may grow")
  .option("--quick", "four minutes with a fault each minute")
  .option("--minutes <n>", "how long", fraction)
  .option("--fault-every <n>", "minutes between faults", fraction)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { quick?: true; minutes?: number; faultEvery?: number; out?: string }) => {
    const quick = options.quick === true;
    ended(
      await benchSoak({
        quick,
        minutes: options.minutes ?? (quick ? 4 : 60),
        minutesBetweenFaults: options.faultEvery ?? (quick ? 1 : 10),
        out: options.out,
        commit: commit(),
        say,
      }),
    );
  });
program
  .command("growth")
  .description("what a ticket costs when many are stored already, and what grows with them")
  .option("--quick", "1,000 and 10,000 stored, 1,000 sent to each, in two rounds")
  .option("--sizes <list>", "so many stored; the first is how many real ones all are made of")
  .option("--rounds <n>", "how often each is measured", whole)
  .option("--tickets <n>", "how many are sent each time", whole)
  .option("--folder <folder>", "keeps the stores, and goes on where an earlier run was broken off")
  .option("--fill-only", "only fills the stores")
  .option("--out <file>", "write the report as JSON")
  .action(
    async (options: {
      quick?: true;
      sizes?: string;
      rounds?: number;
      tickets?: number;
      folder?: string;
      fillOnly?: true;
      out?: string;
    }) => {
      const quick = options.quick === true;
      ended(
        await benchGrowth({
          quick,
          sizes: (options.sizes ?? (quick ? "1000,10000" : "10000,100000,1000000")).split(",").map(whole),
          rounds: options.rounds ?? (quick ? 2 : 3),
          tickets: options.tickets ?? (quick ? 1_000 : 5_000),
          folder: options.folder,
          fillOnly: options.fillOnly === true,
          out: options.out,
          commit: commit(),
          say,
        }),
      );
    },
  );
const PAIRS = 9;
program
  .command("regression")
  .description(
    "what a ticket costs with this checkout, against an earlier commit; warns, and fails only if it cannot run",
  )
  .option("--base <commit>", "what to compare with", "HEAD~1")
  .option("--pairs <n>", "how many pairs of measurements", whole, PAIRS)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { base: string; pairs: number; out?: string }) => {
    const report = await benchRegression({ ...options, out: options.out, commit: commit(), say });
    if (report === undefined) process.stdout.write(`There is no base to compare with: no commit ${options.base}.\n`);
    for (const { measured, met, name, target } of report?.targets ?? [])
      process.stdout.write(`${met ? "ok" : "WARNING"}: ${name}: ${measured} (${target})\n`);
    process.exit(0);
  });
program
  .command("regression-proof")
  .description("how often `regression` notices that everything costs 30 % more")
  .option("--runs <n>", "how often", whole, 10)
  .option("--pairs <n>", "how many pairs of measurements each time", whole, PAIRS)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { runs: number; pairs: number; out?: string }) =>
    ended(await proveRegression({ ...options, base: "HEAD", out: options.out, commit: commit(), say })),
  );
await program.parseAsync();
