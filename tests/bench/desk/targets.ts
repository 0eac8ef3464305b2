import type { PipelineRun } from "../pipeline/bench.ts";
import type { Load } from "../pipeline/driver.ts";
import { type Target, atLeast, atMost, median } from "../report.ts";
import type { DeskRun, MeasuredDesk } from "./bench.ts";

/** Those for which something was measured on a quiet machine. */
export function targetsOf(
  runs: readonly DeskRun[],
  reference: readonly Pick<PipelineRun, "ticketsPerSecond" | "used">[],
  desks: readonly Pick<MeasuredDesk, "startsMs">[],
): readonly Target[] {
  const used = runs.filter((run) => run.used);
  const figure = (lane: string, is: (load: Load) => boolean, get: (run: DeskRun) => number): number | undefined =>
    middle(used.filter((run) => run.lane === lane && is(run.load)).map(get));
  const one = (load: Load): boolean => load.kind === "closed" && load.inFlight === 1;
  const many = (load: Load): boolean => load.kind === "import";
  const pipeline = middle(reference.filter((run) => run.used).map(({ ticketsPerSecond }) => ticketsPerSecond));
  const desk = figure("local", many, ({ wholeTicketsPerSecond }) => wholeTicketsPerSecond);
  const asked: readonly (readonly [string, number | undefined, typeof atLeast, number])[] = [
    [
      "local: tickets/s with all that they cost, against the five steps with jobs",
      desk === undefined || pipeline === undefined ? undefined : desk / pipeline,
      atLeast,
      0.4,
    ],
    ["local: p50 to disposition at 1 in flight, ms", figure("local", one, ({ p50Ms }) => p50Ms), atMost, 60],
    ["embedded: p50 to the webhook at 1 in flight, ms", figure("embedded", one, ({ p50Ms }) => p50Ms), atMost, 150],
    [
      "embedded: tickets/s of an import, with all that they cost",
      figure("embedded", many, ({ wholeTicketsPerSecond }) => wholeTicketsPerSecond),
      atLeast,
      200,
    ],
    ["embedded: start to ready with these data, ms", middle(desks.flatMap(({ startsMs }) => startsMs)), atMost, 2_000],
  ];
  return asked.flatMap(([name, measured, judge, bound]) =>
    measured === undefined ? [] : [judge(name, measured, bound)],
  );
}

const middle = (values: readonly number[]): number | undefined => (values.length === 0 ? undefined : median(values));
