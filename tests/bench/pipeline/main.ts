import { type Report, writeReport } from "../report.ts";
import { type Load, described } from "./driver.ts";
import { type KillCheck, type PipelineRun, killCheck, profileOnce, runOnce, startServers } from "./bench.ts";
import { SYSTEMS } from "./systems.ts";
import { SHARES } from "./page.ts";
import { targetsOf } from "./targets.ts";

export interface PipelineOptions {
  readonly quick: boolean;
  readonly systems: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

export interface PipelineReport extends Report<PipelineRun> {
  readonly killChecks: readonly KillCheck[];
  /** Milliseconds of CPU a ticket of each system's process at 512 in flight, by kind of work; not of a quick run. */
  readonly kindsOfWork: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly systems: Readonly<Record<string, { title: string; settings: readonly string[] }>>;
}

const IN_FLIGHT = [1, 64, 512];
const IN_FLIGHT_QUICK = [1, 512];
const BACKLOG = 5_000;
const WARM_UP_SECONDS = 5;

/** Each round begins with another: nobody always comes behind the same one. */
const inTurn = (systems: readonly string[], round: number): readonly string[] => {
  const from = (round - 1) % systems.length;
  return [...systems.slice(from), ...systems.slice(0, from)];
};

/** Systems take turns within each load, so that what the machine does meanwhile meets all of them. */
export async function benchPipeline(options: PipelineOptions): Promise<PipelineReport> {
  const { quick, rounds, say, seconds, systems } = options;
  const servers = await startServers({ own: true });
  const runs: PipelineRun[] = [];
  const killChecks: KillCheck[] = [];
  const kindsOfWork: Record<string, Readonly<Record<string, number>>> = {};
  let first = 1;
  const measure = async (name: string, load: Load, round: number): Promise<void> => {
    const { next, run } = await runOnce(servers, name, load, { first, round, warmUpSeconds: WARM_UP_SECONDS });
    first = next + 1;
    runs.push(run);
    say(
      `${name} ${described(load)}: ${run.ticketsPerSecond} tickets/s, p50 ${run.p50Ms} ms, p99 ${run.p99Ms} ms, CPU ms a ticket ${Object.values(run.cpuMs).join("/")}${run.used ? "" : " (busy machine: not used)"}`,
    );
  };
  try {
    const loads: Load[] = [
      ...(quick ? IN_FLIGHT_QUICK : IN_FLIGHT).map((inFlight) => ({ kind: "closed", inFlight, seconds }) as const),
      { kind: "backlog", tickets: BACKLOG },
    ];
    for (let round = 1; round <= rounds; round += 1)
      for (const load of loads) for (const name of inTurn(systems, round)) await measure(name, load, round);
    if (!quick)
      for (let round = 1; round <= rounds; round += 1)
        for (const share of SHARES)
          for (const name of inTurn(systems, round)) {
            const best = Math.max(...runs.filter(({ system }) => system === name).map((run) => run.ticketsPerSecond));
            await measure(name, { kind: "open", perSecond: best * share, share, seconds }, round);
          }
    for (const name of quick ? [] : systems) {
      const load = { kind: "closed", inFlight: 512, seconds } as const;
      const { kinds, next } = await profileOnce(servers, name, load, {
        first,
        round: 1,
        warmUpSeconds: WARM_UP_SECONDS,
      });
      first = next + 1;
      kindsOfWork[name] = kinds;
      say(`${name} profiled: ${JSON.stringify(kinds)}`);
    }
    for (const name of systems) {
      const { check, next } = await killCheck(servers, name, first);
      first = next;
      killChecks.push(check);
      say(
        `${name} killed ${check.kills} times: ${check.passed ? "nothing lost" : `LOST, ${check.stored.join(" ")} of ${check.acknowledged}`}`,
      );
    }
  } finally {
    await servers.stop();
  }
  return await writeReport(
    {
      benchmark: "pipeline",
      commit: options.commit,
      quick,
      runs,
      killChecks,
      kindsOfWork,
      systems: Object.fromEntries(
        systems.flatMap((name) => {
          const system = SYSTEMS[name];
          return system === undefined ? [] : [[name, { title: system.title, settings: system.settings }]];
        }),
      ),
      targets: targetsOf(runs, killChecks),
    },
    options.out,
  );
}
