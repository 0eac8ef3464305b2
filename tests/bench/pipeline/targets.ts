import { type Target, atLeast, atMost, median } from "../report.ts";
import type { KillCheck, PipelineRun } from "./bench.ts";

/** Undefined where this machine does not tell it of that run. */
type Figure = (run: PipelineRun) => number | undefined;

/** Ratios that must hold in one report, of us without and with jobs; a peer that was not run has none. */
const AGAINST: readonly { peer: string; plain: number; jobs: number }[] = [
  { peer: "usual-kafkajs", plain: 6.5, jobs: 5 },
  { peer: "pg-boss", plain: 2, jobs: 1.5 },
  { peer: "dbos", plain: 5, jobs: 4 },
  { peer: "restate", plain: 4, jobs: 3 },
];
const PEERS = ["usual-kafkajs", "pg-boss", "dbos", "restate", "graphile-worker"];

export function targetsOf(runs: readonly PipelineRun[], killChecks: readonly KillCheck[]): readonly Target[] {
  const used = runs.filter((run) => run.used);
  const at = (system: string, figure: Figure, is: (run: PipelineRun) => boolean): number | undefined => {
    const runs = used.filter((run) => run.system === system && is(run));
    const values = runs.flatMap((run) => figure(run) ?? []);
    return values.length === 0 || values.length < runs.length ? undefined : median(values);
  };
  const saturated = (system: string, figure: Figure): number | undefined => {
    const full = at(system, figure, inFlight(512));
    const backlog = at(system, figure, ({ load }) => load.kind === "backlog");
    return full === undefined ? backlog : backlog === undefined ? full : Math.max(full, backlog);
  };
  const targets: Target[] = [];
  const ratio = (
    name: string,
    ours: number | undefined,
    theirs: number | undefined,
    bound: number,
    judge: typeof atLeast,
  ): void => {
    if (ours !== undefined && theirs !== undefined) targets.push(judge(name, ours / theirs, bound));
  };

  for (const [system, words, key] of [
    ["ours", "plain steps", "plain"],
    ["ours-jobs", "three jobs", "jobs"],
  ] as const) {
    for (const against of AGAINST)
      ratio(
        `${words}: saturated tickets/s against ${against.peer}`,
        saturated(system, speed),
        saturated(against.peer, speed),
        against[key],
        atLeast,
      );
    const peers = PEERS.flatMap((peer) => at(peer, ({ p50Ms }) => p50Ms, inFlight(1)) ?? []);
    ratio(
      `${words}: p50 at 1 in flight against the best peer`,
      at(system, ({ p50Ms }) => p50Ms, inFlight(1)),
      peers.length === 0 ? undefined : Math.min(...peers),
      system === "ours" ? 0.7 : 1,
      atMost,
    );
    ratio(
      `${words}: CPU a ticket against dbos`,
      at(system, cpu, inFlight(512)),
      at("dbos", cpu, inFlight(512)),
      system === "ours" ? 0.2 : 0.25,
      atMost,
    );
    const syncs = at(system, ({ syncsPerTicket }) => syncsPerTicket, inFlight(512));
    if (syncs !== undefined)
      targets.push(atMost(`${words}: WAL syncs a ticket, saturated`, syncs, system === "ours" ? 0.06 : 0.1));
  }
  ratio(
    "three jobs: tickets/s at 64 in flight against pg-boss",
    at("ours-jobs", speed, inFlight(64)),
    at("pg-boss", speed, inFlight(64)),
    1,
    atLeast,
  );
  if (killChecks.length > 0)
    targets.push(
      atMost("systems that lost something when they were killed", killChecks.filter(({ passed }) => !passed).length, 0),
    );
  return targets;
}

const speed: Figure = ({ ticketsPerSecond }) => ticketsPerSecond;
/** Of all who took part, or not at all: without its servers a system would look cheaper than it is. */
const cpu: Figure = ({ cpuMs: { broker, postgres, process } }) =>
  postgres === null || broker === null ? undefined : process + postgres + broker;
const inFlight =
  (count: number) =>
  ({ load }: PipelineRun): boolean =>
    load.kind === "closed" && load.inFlight === count;
