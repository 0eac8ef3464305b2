import type { PipelineRun } from "./bench.ts";
import { targetsOf } from "./targets.ts";

const run = (system: string, inFlight: number, given: Partial<PipelineRun>): PipelineRun => ({
  system,
  load: { kind: "closed", inFlight, seconds: 8 },
  round: 1,
  tickets: 100,
  seconds: 8,
  ticketsPerSecond: 100,
  p50Ms: 10,
  p99Ms: 20,
  cpuMs: { process: 1, postgres: 1, broker: 1 },
  commitsPerTicket: 1,
  syncsPerTicket: 0.05,
  rssPeakMb: 100,
  coresTakenByOthers: 0,
  used: true,
  ...given,
});

it("takes medians of the runs that count, and the better of full load and backlog", () => {
  const targets = targetsOf(
    [
      run("ours", 512, { ticketsPerSecond: 700 }),
      run("ours", 512, { ticketsPerSecond: 900 }),
      run("ours", 512, { ticketsPerSecond: 800 }),
      run("ours", 512, { ticketsPerSecond: 9_000, used: false }),
      run("ours", 512, { ticketsPerSecond: 1_000, load: { kind: "backlog", tickets: 5_000 } }),
      run("pg-boss", 512, { ticketsPerSecond: 400 }),
      run("ours", 1, { p50Ms: 9 }),
      run("pg-boss", 1, { p50Ms: 12 }),
      run("graphile-worker", 1, { p50Ms: 10 }),
    ],
    [{ system: "ours", kills: 3, acknowledged: 10, stored: [10, 10, 10, 10, 9], passed: false }],
  );
  expect(targets.map(({ name, met, measured }) => [name, measured, met])).toEqual([
    ["plain steps: saturated tickets/s against pg-boss", 2.5, true],
    ["plain steps: p50 at 1 in flight against the best peer", 0.9, false],
    ["plain steps: WAL syncs a ticket, saturated", 0.05, true],
    ["systems that lost something when they were killed", 1, false],
  ]);
});
