import type { PipelineRun } from "./bench.ts";
import { pipelineCharts } from "./charts.ts";
import type { Load } from "./driver.ts";
import type { PipelineReport } from "./main.ts";
import { page } from "./page.ts";

const run = (system: string, load: Load, ticketsPerSecond: number, used = true): PipelineRun => ({
  system,
  load,
  round: 1,
  tickets: 100,
  seconds: 1,
  ticketsPerSecond,
  p50Ms: 5_000 / ticketsPerSecond,
  p99Ms: 9_000 / ticketsPerSecond,
  cpuMs: { process: 0.5, postgres: 0.25, broker: system === "ours" ? 0.125 : null },
  commitsPerTicket: 0.1,
  syncsPerTicket: 0.05,
  rssPeakMb: 200,
  coresTakenByOthers: 0,
  used,
});
const full = { kind: "closed", inFlight: 512, seconds: 8 } as const;
const report: PipelineReport = {
  benchmark: "pipeline",
  at: "2026-11-24T00:00:00.000Z",
  commit: "abc1234",
  quick: false,
  machine: { cores: 2, cpu: "a CPU", memoryGb: 24, system: "Linux", node: "v24" },
  systems: {
    ours: { title: "Ours", settings: ["as it is"] },
    theirs: { title: "Theirs", settings: ["as its page says"] },
  },
  runs: [
    run("ours", full, 1_000),
    run("ours", full, 1_400),
    run("ours", full, 1_200),
    run("ours", full, 9, false),
    run("theirs", full, 200),
    run("theirs", { kind: "open", perSecond: 100, share: 0.5, seconds: 8 }, 100),
  ],
  killChecks: [{ system: "theirs", kills: 3, acknowledged: 90, stored: [90, 90, 90, 90, 89], passed: false }],
  kindsOfWork: { ours: { "client of the broker": 0.25, messaging: 0.125 } },
  targets: [{ name: "against theirs", target: "≥ 6.5", measured: 6, met: false }],
};

describe("the page of a report", () => {
  const text = page(report, ["a-chart.svg"]);

  it("gives the median of the rounds that count, and says how many do not", () => {
    expect(text).toContain("| Ours | – | – | 1200 | – |");
    expect(text).toContain("1 of 6 runs were left out");
  });

  it("shows what was lost, what was missed, and how each was set up", () => {
    expect(text).toContain("| Theirs | 90 | 90, 90, 90, 90, 89 | **lost** |");
    expect(text).toContain("| against theirs | ≥ 6.5 | 6 | **missed** |");
    expect(text).toContain("- Theirs\n  - as its page says");
    expect(text).toContain("![a chart](performance/a-chart.svg)");
  });

  it("says what the time of a process went into", () => {
    expect(text).toContain("- Ours: client of the broker 0.25, messaging 0.125\n");
  });

  it("has an open load in the column of its share, and no figure where nothing tells", () => {
    expect(text).toContain("| Theirs | – | 50 / 90 | – |");
    expect(text).toContain("| Theirs | 0.5 | 0.25 | – | 0.1 | 0.05 | 200 |");
  });
});

it("draws the same charts of the same report, with every system in them", async () => {
  const [once, again] = [await pipelineCharts(report), await pipelineCharts(report)];
  expect([...once.keys()]).toEqual(["tickets-a-second.svg", "cpu-a-ticket.svg", "time-to-the-last-step.svg"]);
  expect([...again]).toEqual([...once]);
  for (const svg of [...once.values()].slice(0, 2))
    for (const title of ["Ours", "Theirs"]) expect(svg).toContain(`>${title}</text>`);
});
