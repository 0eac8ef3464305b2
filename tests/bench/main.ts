import { execFileSync } from "node:child_process";
import { Command } from "commander";
import { root } from "../../scripts/checkout.mjs";
import { benchPipeline } from "./pipeline/main.ts";
import { SYSTEMS } from "./pipeline/systems.ts";

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

const program = new Command("bench").description("Measures on real servers, and holds the figures against targets.");
program
  .command("pipeline")
  .description("five durable steps with exactly-once effects: ours, and what else one would build them with")
  .option("--quick", "1 and 512 in flight and a backlog, in two rounds of 8 s")
  .option("--systems <names>", `of ${Object.keys(SYSTEMS).join(", ")}`, Object.keys(SYSTEMS).join(","))
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
    for (const { met, measured, name, target } of report.targets)
      process.stdout.write(`${met ? "met   " : "MISSED"} ${name}: ${measured} (${target})\n`);
    process.exit(report.targets.every(({ met }) => met) ? 0 : 1);
  });
await program.parseAsync();
