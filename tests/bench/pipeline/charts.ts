import type { TopLevelSpec } from "vega-lite";
import { svgOf } from "../charts.ts";
import type { PipelineReport } from "./main.ts";
import { SHARES, backlog, closed, figure, linesOf, open } from "./page.ts";

const WIDTH = 560;

/** The page's charts: file name and SVG. */
export async function pipelineCharts(report: PipelineReport): Promise<ReadonlyMap<string, string>> {
  const specs: Readonly<Record<string, TopLevelSpec>> = {
    "tickets-a-second.svg": ticketsASecond(report),
    "cpu-a-ticket.svg": cpuATicket(report),
    "time-to-the-last-step.svg": timeToTheLastStep(report),
  };
  const drawn = await Promise.all(
    Object.entries(specs).map(async ([file, spec]) => [file, await svgOf(spec)] as const),
  );
  return new Map(drawn);
}

const order = (report: PipelineReport): string[] => linesOf(report).map(({ title }) => title);

const ticketsASecond = (report: PipelineReport): TopLevelSpec => ({
  title: "Tickets a second through five durable steps",
  data: {
    values: linesOf(report).flatMap((line) =>
      (
        [
          ["512 in flight", closed(512)],
          ["from a backlog", backlog],
        ] as const
      ).map(([load, is]) => ({
        system: line.title,
        load,
        value: figure(line, is, ({ ticketsPerSecond }) => ticketsPerSecond) ?? 0,
      })),
    ),
  },
  width: WIDTH,
  mark: "bar",
  encoding: {
    y: { field: "system", type: "nominal", title: null, sort: order(report) },
    yOffset: { field: "load" },
    x: { field: "value", type: "quantitative", title: "tickets a second" },
    color: { field: "load", type: "nominal", title: null, legend: { orient: "bottom" } },
  },
});

const cpuATicket = (report: PipelineReport): TopLevelSpec => ({
  title: "CPU a ticket at 512 in flight",
  data: {
    values: linesOf(report).flatMap((line) =>
      (["process", "postgres", "broker"] as const).map((who, rank) => ({
        system: line.title,
        who,
        rank,
        value: figure(line, closed(512), ({ cpuMs }) => cpuMs[who]) ?? 0,
      })),
    ),
  },
  width: WIDTH,
  mark: "bar",
  encoding: {
    y: { field: "system", type: "nominal", title: null, sort: order(report) },
    x: { field: "value", type: "quantitative", title: "milliseconds", stack: "zero" },
    color: {
      field: "who",
      type: "nominal",
      title: null,
      sort: ["process", "postgres", "broker"],
      legend: { orient: "bottom" },
    },
    order: { field: "rank", type: "quantitative" },
  },
});

const timeToTheLastStep = (report: PipelineReport): TopLevelSpec => ({
  title: "Time to the fifth step's word, at a share of what each manages",
  data: {
    values: linesOf(report).flatMap((line) =>
      SHARES.flatMap((share) => {
        const p50 = figure(line, open(share), ({ p50Ms }) => p50Ms);
        const p99 = figure(line, open(share), ({ p99Ms }) => p99Ms);
        return p50 === undefined ? [] : [{ system: line.title, load: `${100 * share} %`, p50, p99 }];
      }),
    ),
  },
  width: WIDTH,
  encoding: {
    y: { field: "system", type: "nominal", title: null, sort: order(report) },
    yOffset: { field: "load" },
    color: { field: "load", type: "nominal", title: "of its own maximum", legend: { orient: "bottom" } },
  },
  layer: [
    {
      mark: { type: "rule", strokeWidth: 3 },
      encoding: {
        x: { field: "p50", type: "quantitative", title: "milliseconds, median to p99", scale: { type: "log" } },
        x2: { field: "p99" },
      },
    },
    { mark: { type: "point", filled: true, size: 50 }, encoding: { x: { field: "p50", type: "quantitative" } } },
  ],
});
