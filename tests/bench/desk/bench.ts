import { rm } from "node:fs/promises";
import { temporaryFolder } from "@opsdesk/servers";
import { sampleTexts } from "../../faults/texts.ts";
import { coresTakenByOthers, isBusy } from "../machine.ts";
import { Driver, type Load, type Measured, described } from "../pipeline/driver.ts";
import type { Pipeline, Ticket } from "../pipeline/system.ts";
import type { Counts, Desk, DeskOptions } from "./desk.ts";

export interface DeskRun extends Measured {
  readonly lane: string;
  readonly load: Load;
  readonly round: number;
  /** Until everybody has done all that these tickets cost, from the first of them. */
  readonly wholeTicketsPerSecond: number;
  /** Milliseconds a ticket, by who spent them; until everybody was at rest. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly eventsPerTicket: number | null;
  readonly deliveriesPerTicket: number | null;
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly coresTakenByOthers: number;
  readonly used: boolean;
}

export interface DeskUnderTest {
  readonly lane: string;
  readonly open: (options: DeskOptions) => Promise<Desk>;
  readonly loads: readonly Load[];
}

export interface MeasuredDesk {
  readonly lane: string;
  readonly runs: readonly DeskRun[];
  readonly memoryAtRestMb: Readonly<Record<string, number>>;
  /** Milliseconds from the start of the process until it is ready, with the data of these runs; where it is one process. */
  readonly startsMs: readonly number[];
}

const STARTS = 5;
/** Different texts, over and over: a desk with a few hundred thousand tickets has few that are quite new. */
const TEXTS = 2_000;

/** One desk, from its first ticket on, under each load in turn. */
export async function benchDesk(
  { lane, loads, open }: DeskUnderTest,
  { rounds, say, warmUpSeconds }: { rounds: number; warmUpSeconds: number; say: (line: string) => void },
): Promise<MeasuredDesk> {
  const folder = temporaryFolder();
  const driver = new Driver(await benchTickets(), 1);
  const desk = await open({ folder, say, onDone: (id) => driver.done(id) });
  const runs: DeskRun[] = [];
  const startsMs: number[] = [];
  try {
    await desk.rest();
    const memoryAtRestMb = desk.memoryMb();
    for (let round = 1; round <= rounds; round += 1)
      for (const load of loads) {
        const run = await runOnce(desk, driver, load, warmUpSeconds);
        runs.push({ lane, round, ...run });
        say(
          `${lane} ${described(load)}: ${run.ticketsPerSecond} tickets/s (${run.wholeTicketsPerSecond} with all that they cost), p50 ${run.p50Ms} ms, p99 ${run.p99Ms} ms, CPU ms a ticket ${JSON.stringify(run.cpuMs)}${run.used ? "" : " (busy machine: not used)"}`,
        );
      }
    for (let start = 1; start <= STARTS && desk.restart !== undefined; start += 1) startsMs.push(await desk.restart());
    return { lane, runs, memoryAtRestMb, startsMs };
  } finally {
    await desk.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export async function benchTickets(): Promise<(n: number) => Ticket> {
  const texts = await sampleTexts(TEXTS, 1);
  return (n) => ({ id: `bench-${n}`, text: texts[n % texts.length] ?? "" });
}

export const loadOf = (tickets: number): Load => ({ kind: "import", tickets });

export const pipelineOf = (desk: Desk): Pipeline => ({
  submit: (tickets) => desk.submit(tickets),
  run: () => Promise.resolve(),
  stop: () => Promise.resolve(),
});

async function runOnce(
  desk: Desk,
  driver: Driver,
  load: Load,
  warmUpSeconds: number,
): Promise<Omit<DeskRun, "lane" | "round">> {
  const taken = await coresTakenByOthers();
  const first = driver.next;
  const begun = { at: performance.now(), cpu: desk.cpuMs(), counts: await desk.counts() };
  // What the warm-up costs is work of the desk as well: whoever is behind works on it meanwhile.
  const hooks = { begin: () => Promise.resolve(), end: () => Promise.resolve() };
  const measured = await driver.measure(pipelineOf(desk), load, warmUpSeconds, hooks);
  const memoryMb = desk.memoryMb();
  await desk.rest();
  const seconds = (performance.now() - begun.at) / 1_000;
  const tickets = driver.next - first;
  return {
    ...measured,
    load,
    wholeTicketsPerSecond: Number((tickets / seconds).toFixed(1)),
    cpuMs: costs(begun.cpu, desk.cpuMs(), tickets),
    ...counted(begun.counts, await desk.counts(), tickets),
    memoryMb,
    coresTakenByOthers: Number(taken.toFixed(2)),
    used: !isBusy(taken),
  };
}

const costs = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  tickets: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(after).map(([who, ms]) => [who, Number(((ms - (before[who] ?? 0)) / tickets).toFixed(2))]),
  );

const counted = (
  before: Counts | undefined,
  after: Counts | undefined,
  tickets: number,
): Pick<DeskRun, "eventsPerTicket" | "deliveriesPerTicket"> => {
  const each = (of: (counts: Counts) => number): number | null =>
    before === undefined || after === undefined ? null : Number(((of(after) - of(before)) / tickets).toFixed(2));
  return { eventsPerTicket: each(({ events }) => events), deliveriesPerTicket: each(({ deliveries }) => deliveries) };
};
