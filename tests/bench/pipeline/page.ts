import { median } from "../report.ts";
import type { PipelineRun } from "./bench.ts";
import type { PipelineReport } from "./main.ts";
import type { Load } from "./driver.ts";

interface Line {
  readonly name: string;
  readonly title: string;
  readonly of: readonly PipelineRun[];
}

type Is = (load: Load) => boolean;
export const closed =
  (inFlight: number): Is =>
  (load) =>
    load.kind === "closed" && load.inFlight === inFlight;
export const backlog: Is = ({ kind }) => kind === "backlog";
export const open =
  (share: number): Is =>
  (load) =>
    load.kind === "open" && load.share === share;
export const SHARES = [0.25, 0.5, 0.8] as const;

/** The runs that count, system by system, in the order of the report. */
export const linesOf = ({ runs, systems }: PipelineReport): readonly Line[] =>
  Object.entries(systems).map(([name, { title }]) => ({
    name,
    title,
    of: runs.filter(({ system, used }) => used && system === name),
  }));

/** The median of a figure over the rounds; undefined where no run counts. */
export function figure({ of }: Line, is: Is, get: (run: PipelineRun) => number | null): number | undefined {
  const values = of.flatMap((run) => {
    const value = is(run.load) ? get(run) : null;
    return value === null ? [] : [value];
  });
  return values.length === 0 ? undefined : median(values);
}

/** The page on which people read a report; its charts are beside it. */
export function page(report: PipelineReport, charts: readonly string[]): string {
  const lines = linesOf(report);
  const { at, commit, killChecks, kindsOfWork, machine, quick, runs, systems, targets } = report;
  const unused = runs.filter(({ used }) => !used).length;
  return `<!-- Generated from docs/performance/pipeline.json by \`node scripts/generate-performance.ts\`. -->

# Performance

The same durable pipeline built in different ways: five steps, in each of which a ticket's text of 2.5 KB is written once
whatever is repeated, and at the end of which its event or word is out. All of them ran on one machine in turns, each on an
empty database of one Postgres with \`fsync\` and \`synchronous_commit\` on, with one process for the steps and the load. A
benchmark's figures are those of its machine: compare lines with each other, not with another page.

\`\`\`
npm run bench -- pipeline --out report.json
\`\`\`

Measured ${at.slice(0, 10)} at commit ${commit}: ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}. Medians of
the rounds in which nothing else took the machine${unused === 0 ? "" : ` (${unused} of ${runs.length} runs were left out for that)`}.${quick ? " This was a quick run: few loads, each for some seconds." : ""}

${charts.map((file) => `![${altOf(file)}](performance/${file})`).join("\n\n")}

## Tickets a second

${table(
  ["", "1 in flight", "64", "512", "from a backlog"],
  lines.map((line) => [
    line.title,
    ...[closed(1), closed(64), closed(512), backlog].map((is) =>
      shown(figure(line, is, ({ ticketsPerSecond }) => ticketsPerSecond)),
    ),
  ]),
)}

## Milliseconds until the fifth step's word

The median and the slowest of a hundred, at so many tickets on their way.

${table(
  ["", "1", "64", "512"],
  lines.map((line) => [line.title, ...[1, 64, 512].map((inFlight) => latency(line, closed(inFlight)))]),
)}

The same when tickets come at a steady rate, whatever becomes of the earlier ones: at a quarter, half and four fifths of
what the system managed at its best.

${table(
  ["", ...SHARES.map((share) => `${100 * share} %`)],
  lines.map((line) => [line.title, ...SHARES.map((share) => latency(line, open(share)))]),
)}

## What a ticket costs

CPU milliseconds at 512 in flight, and what the database had to do for it. The broker's column is Restate's server where
the system is Restate.

${table(
  ["", "process", "Postgres", "broker", "commits", "WAL syncs", "peak memory, MB"],
  lines.map((line) => [
    line.title,
    ...(
      [
        ({ cpuMs }) => cpuMs.process,
        ({ cpuMs }) => cpuMs.postgres,
        ({ cpuMs }) => cpuMs.broker,
        ({ commitsPerTicket }) => commitsPerTicket,
        ({ syncsPerTicket }) => syncsPerTicket,
        ({ rssPeakMb }) => rssPeakMb,
      ] as readonly ((run: PipelineRun) => number | null)[]
    ).map((get) => shown(figure(line, closed(512), get))),
  ]),
)}

## Where a process's time goes

CPU milliseconds a ticket of the process with the five steps, at 512 in flight, in a run of its own under Node's profiler,
which costs some of what it shows. What Node does for a library counts as the library's.

${lines
  .filter(({ name }) => kindsOfWork[name] !== undefined)
  .map(({ name, title }) => `- ${title}: ${spentOn(kindsOfWork[name] ?? {})}`)
  .join("\n")}

## Killed at work

Each was killed three times with SIGKILL while 64 tickets were on their way, and started again. What had been accepted
must then be stored once in each step.

${table(
  ["", "accepted", "stored, by step", ""],
  killChecks.map(({ acknowledged, passed, stored, system }) => [
    systems[system]?.title ?? system,
    String(acknowledged),
    stored.join(", "),
    passed ? "nothing lost" : "**lost**",
  ]),
)}

## What is asked of ours

${table(
  ["", "asked", "measured", ""],
  targets.map(({ measured, met, name, target }) => [name, target, String(measured), met ? "met" : "**missed**"]),
)}
${targets.every(({ met }) => met) ? "" : "\nWhat stands in the way of those that are missed: [limits](performance/limits.md).\n"}
## How each was set up

${lines.map(({ name, title }) => `- ${title}\n${(systems[name]?.settings ?? []).map((one) => `  - ${one}`).join("\n")}`).join("\n")}
`;
}

const spentOn = (kinds: Readonly<Record<string, number>>): string =>
  Object.entries(kinds)
    .map(([kind, ms]) => `${kind} ${shown(ms)}`)
    .join(", ");

const latency = (line: Line, is: Is): string => {
  const [p50, p99] = [figure(line, is, ({ p50Ms }) => p50Ms), figure(line, is, ({ p99Ms }) => p99Ms)];
  return p50 === undefined ? "–" : `${shown(p50)} / ${shown(p99)}`;
};

const shown = (value: number | undefined): string =>
  value === undefined ? "–" : value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));

const altOf = (file: string): string => file.replace(/\.svg$/, "").replaceAll("-", " ");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
