import { type Report, type Target, atLeast, atMost, median, writeReport } from "../report.ts";
import type { Load } from "../pipeline/driver.ts";
import { type DeskRun, benchDesk } from "./bench.ts";
import { openEmbeddedDesk } from "./embedded.ts";
import { openLocalDesk } from "./local.ts";

export interface DeskBenchOptions {
  readonly quick: boolean;
  readonly lanes: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

const IMPORT = 2_000;
const WARM_UP_SECONDS = 5;

export async function benchDesks(options: DeskBenchOptions): Promise<Report<DeskRun>> {
  const { commit, lanes, out, quick, rounds, say, seconds } = options;
  const closed = (inFlight: number): Load => ({ kind: "closed", inFlight, seconds });
  const loads: readonly Load[] = [
    closed(1),
    ...(quick ? [] : [closed(64)]),
    closed(512),
    { kind: "import", tickets: IMPORT },
  ];
  const all = [
    { lane: "local", open: openLocalDesk, loads },
    { lane: "embedded", open: openEmbeddedDesk, loads },
  ].filter(({ lane }) => lanes.includes(lane));
  const runs: DeskRun[] = [];
  for (const desk of all) runs.push(...(await benchDesk(desk, { rounds, say, warmUpSeconds: WARM_UP_SECONDS })));
  return await writeReport({ benchmark: "desk", commit, quick, runs, targets: targetsOf(runs) }, out);
}

function targetsOf(runs: readonly DeskRun[]): readonly Target[] {
  const used = runs.filter((run) => run.used);
  const figure = (lane: string, is: (load: Load) => boolean, get: (run: DeskRun) => number): number | undefined => {
    const values = used.filter((run) => run.lane === lane && is(run.load)).map(get);
    return values.length === 0 ? undefined : median(values);
  };
  const one = (load: Load): boolean => load.kind === "closed" && load.inFlight === 1;
  const asked: readonly (readonly [string, number | undefined, typeof atLeast, number])[] = [
    ["local: p50 to disposition at 1 in flight, ms", figure("local", one, ({ p50Ms }) => p50Ms), atMost, 60],
    ["embedded: p50 to the webhook at 1 in flight, ms", figure("embedded", one, ({ p50Ms }) => p50Ms), atMost, 150],
    [
      "embedded: tickets/s of an import, with all that they cost",
      figure(
        "embedded",
        ({ kind }) => kind === "import",
        ({ wholeTicketsPerSecond }) => wholeTicketsPerSecond,
      ),
      atLeast,
      200,
    ],
  ];
  return asked.flatMap(([name, measured, judge, bound]) =>
    measured === undefined ? [] : [judge(name, measured, bound)],
  );
}
