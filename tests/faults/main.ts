import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { runEmbeddedFlow } from "./embedded-flow.ts";
import { temporaryFolder } from "@opsdesk/servers";
import { runPlanted } from "./planted.ts";
import { runRaces } from "./races-flow.ts";
import { stackFaults } from "./stack-faults.ts";
import { runRecoverFlow } from "./recover-flow.ts";
import { runStackFlow } from "./stack-flow.ts";
import { runUpgradeFlow } from "./upgrade-flow.ts";
import { bankingTexts, sampleTexts } from "./texts.ts";

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`expected a whole number, got ${text}`);
  return value;
};

const program = new Command("test:faults").description(
  "Runs a desk under faults and holds what it stored against what was sent.",
);
program
  .command("embedded")
  .description("kills the embedded desk at seeded moments of an import and starts it again each time")
  .option("--seed <n>", "of the moments and texts", whole, 1)
  .option("--tickets <n>", "how many enquiries", whole, 10_003)
  .option("--kills <n>", "how many SIGKILLs", whole, 20)
  .option("--data <dir>", "take the texts of banking77/train.csv in this folder instead of the sample desk's")
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { seed: number; tickets: number; kills: number; data?: string; out?: string }) => {
    const folder = await mkdtemp(join(tmpdir(), "opsdesk-faults-"));
    const texts =
      options.data === undefined
        ? await sampleTexts(options.tickets, options.seed)
        : await bankingTexts(options.data, options.tickets);
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await runEmbeddedFlow({ seed: options.seed, texts, kills: options.kills, folder, say });
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    if (report.violations.length === 0) await rm(folder, { recursive: true });
    else say(`what was stored is kept in ${folder}`);
    process.exitCode = report.violations.length === 0 ? 0 : 1;
  });
program
  .command("races")
  .description(
    "a reply, a customer's message, an approval, its undo and an automatic approval at once, ticket by ticket",
  )
  .option("--seed <n>", "of the moments", whole, 1)
  .option("--tickets <n>", "how many tickets", whole, 10_000)
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { seed: number; tickets: number; out?: string }) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = `${JSON.stringify(await runRaces({ ...options, say }), null, 2)}\n`;
    process.stdout.write(report);
    if (options.out !== undefined) await writeFile(options.out, report);
    process.exitCode = (JSON.parse(report) as { violations: unknown[] }).violations.length === 0 ? 0 : 1;
  });
program
  .command("stack")
  .description("every service a process of its own, on real servers: one flow that meets every fault once")
  .option("--seed <n>", "of the order, the moments and the texts", whole, 1)
  .option("--tickets <n>", "how many enquiries", whole, 20_000)
  .option("--only <words>", "only faults whose name holds this")
  .option("--folder <dir>", "data and logs; a flow that was interrupted goes on there")
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { seed: number; tickets: number; only?: string; folder?: string; out?: string }) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const folder = options.folder ?? temporaryFolder();
    const report = await runStackFlow({
      seed: options.seed,
      texts: await sampleTexts(options.tickets, options.seed),
      faults: stackFaults.filter(({ name }) => name.includes(options.only ?? "")),
      folder,
      say,
    });
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    process.exit(report.violations.length === 0 ? 0 : 1);
  });
program
  .command("planted")
  .description("plants known mistakes into a copy, one at a time: the fault command must find each")
  .option("--bug <name>", "only this one of tests/faults/planted")
  .option("--seeds <n>", "how many seeds may be tried", whole, 3)
  .option("--tickets <n>", "how many enquiries; absent: as many as each mistake needs to show", whole)
  .action(async (options: { bug?: string; seeds: number; tickets?: number }) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const reports = await runPlanted({ bug: options.bug, seeds: options.seeds, tickets: options.tickets, say });
    process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
    process.exitCode = reports.length > 0 && reports.every(({ seed }) => seed !== undefined) ? 0 : 1;
  });
program
  .command("recover")
  .description("sets Postgres back while the broker keeps all, recovers, and holds that against what was known before")
  .option("--seed <n>", "of the texts and of what people do", whole, 1)
  .option("--tickets <n>", "how many enquiries", whole, 90)
  .option("--minutes <n>", "how old the copy is that is put back", whole, 0)
  .option("--folder <dir>", "data and logs")
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { seed: number; tickets: number; minutes: number; folder?: string; out?: string }) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await runRecoverFlow({
      seed: options.seed,
      texts: await sampleTexts(options.tickets, options.seed),
      minutes: options.minutes,
      folder: options.folder ?? temporaryFolder(),
      say,
    });
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    process.exit(report.violations.length === 0 ? 0 : 1);
  });
program
  .command("upgrade")
  .description("a release, this commit and the release again under load, held against a desk that was never upgraded")
  .requiredOption("--from <ref>", "the release, as git names it")
  .option("--seed <n>", "of the order, the texts and of what people do", whole, 1)
  .option("--tickets <n>", "how many enquiries", whole, 600)
  .option("--folder <dir>", "data and logs")
  .option("--out <file>", "write the report as JSON")
  .action(async (options: { from: string; seed: number; tickets: number; folder?: string; out?: string }) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await runUpgradeFlow({
      seed: options.seed,
      texts: await sampleTexts(options.tickets, options.seed),
      from: options.from,
      folder: options.folder ?? temporaryFolder(),
      say,
    });
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    process.exit(report.violations.length === 0 ? 0 : 1);
  });
await program.parseAsync();
