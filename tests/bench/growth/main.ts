import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@opsdesk/servers";
import getPort from "get-port";
import { benchTickets, loadOf, pipelineOf } from "../desk/bench.ts";
import { type LocalDesk, openLocalDesk } from "../desk/local.ts";
import { coresTakenByOthers, isBusy } from "../machine.ts";
import { Driver } from "../pipeline/driver.ts";
import { type Report, type Target, atMost, median, writeReport } from "../report.ts";
import { type Comparison, compared } from "./compare.ts";
import { extrapolated } from "./extrapolate.ts";
import { densitiesOf, fill } from "./fill.ts";
import { type Spent, spentBetween } from "./spent.ts";
import { type Sizes, bytesOf, sizesOf, total, workOf } from "./store.ts";
import { Stores } from "./stores.ts";

export interface GrowthOptions {
  readonly quick: boolean;
  /** So many tickets are stored, in turn; the first is how many real ones all stores are made of. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** Tickets that are sent each time. */
  readonly tickets: number;
  /** Keeps everything, and goes on where it was: what takes long is not done again after something later failed. */
  readonly folder: string | undefined;
  /** Ends when the stores are filled; another run in the same folder measures. */
  readonly fillOnly: boolean;
  readonly out: string | undefined;
  readonly commit: string;
  readonly say: (line: string) => void;
}

interface GrowthRun extends Spent {
  /** Of the store, by its name. */
  readonly size: number;
  readonly round: number;
  /** Stored when it began: the turns before have added theirs. */
  readonly stored: number;
  readonly ticketsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Milliseconds a ticket, by who spent them; until everybody was at rest. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly coresTakenByOthers: number;
  readonly used: boolean;
}

interface StoreMade {
  readonly size: number;
  readonly withoutBodies: boolean;
  readonly bytes: number;
  readonly secondsToFill: number;
}

/** What is known when a run is broken off. */
interface Progress {
  readonly receiverPort: number;
  /** Of the next real ticket. */
  next: number;
  comparison?: Comparison;
  stores: StoreMade[];
  runs: GrowthRun[];
}

export interface GrowthReport extends Report<GrowthRun> {
  readonly comparison: Comparison | undefined;
  readonly stores: readonly StoreMade[];
  /** Of the largest store. */
  readonly sizes: Sizes;
  /** Milliseconds of CPU a ticket with ten times as many stored as in the largest, by who would spend them. */
  readonly extrapolated: { readonly tickets: number; readonly cpuMs: Readonly<Record<string, number>> } | undefined;
}

const WARM_UP = 500;
/** Where tickets are made by SQL only to be compared with real ones, and how many times as many. */
const COMPARED = "tickets_compared";
const COPIES_COMPARED = 4;
/** Measured, but no part of a ticket's cost by the desk: they share the machine with it. */
const APART = ["OpenSearch", "Neo4j"];
const COST_MAX = 1.15;
const SHAPE_MAX = 0.1;

const nameOf = (size: number): string => `tickets_${size}`;

/** Fills a store of each size, then sends the same load to each in turn: what a ticket costs more for what is there. */
export async function benchGrowth(options: GrowthOptions): Promise<GrowthReport> {
  const { commit, out, quick, rounds, say, sizes } = options;
  const folder = options.folder ?? temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "growth.json");
  const progress: Progress = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Progress)
    : { receiverPort: await getPort(), next: 1, stores: [], runs: [] };
  const keep = (): void => writeFileSync(file, JSON.stringify(progress));
  const goesOn = existsSync(file);
  const driver = new Driver(await benchTickets(), progress.next);
  const desk = await openLocalDesk({
    folder,
    say,
    goesOn,
    receiverPort: progress.receiverPort,
    onDone: (id) => driver.done(id),
  });
  const stores = new Stores(desk.stack);
  try {
    await stores.prepare();
    const real = new RealTickets(desk, driver, () => {
      progress.next = driver.next;
      keep();
    });
    await makeStores(options, { folder, progress, keep, real, stores });
    for (let round = 1; round <= rounds && !options.fillOnly; round += 1)
      for (const size of sizes) {
        if (progress.runs.some((run) => run.round === round && run.size === size)) continue;
        const run = await measure(options, { real, size, stores });
        progress.runs.push({ round, ...run });
        keep();
        say(
          `${size} stored: ${run.ticketsPerSecond} tickets/s, CPU ms a ticket ${total(ofTheDesk(run.cpuMs)).toFixed(2)} ${JSON.stringify(run.cpuMs)}, WAL ${run.walBytes} bytes${run.used ? "" : " (busy machine: not used)"}`,
        );
      }
    if (options.fillOnly) say("The stores are filled.");
    const used = progress.runs.filter((run) => run.used);
    const largest = Math.max(...sizes);
    const everySize = sizes.every((size) => used.some((run) => run.size === size));
    await stores.use(nameOf(largest));
    const parts = Object.keys(used[0]?.cpuMs ?? {});
    return await writeReport(
      {
        benchmark: "growth",
        commit,
        quick,
        comparison: progress.comparison,
        stores: progress.stores,
        sizes: await stores.ask(sizesOf),
        extrapolated: everySize ? { tickets: largest * 10, cpuMs: extrapolated(used, parts, largest * 10) } : undefined,
        runs: progress.runs,
        targets: targetsOf(used, sizes, progress.comparison),
      },
      out,
    );
  } finally {
    await stores.close();
    await desk.stop();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

const ofTheDesk = (cpuMs: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(cpuMs).filter(([who]) => !APART.includes(who)));

/** The cost at each larger size against the first, both of one round: what else the machine does changes with time. */
function targetsOf(
  used: readonly Pick<GrowthRun, "cpuMs" | "round" | "size">[],
  sizes: readonly number[],
  comparison: Comparison | undefined,
): readonly Target[] {
  const [first, ...larger] = sizes;
  const cost = (size: number | undefined, round: number): number | undefined => {
    const run = used.find((one) => one.size === size && one.round === round);
    return run === undefined ? undefined : total(ofTheDesk(run.cpuMs));
  };
  const rounds = [...new Set(used.map(({ round }) => round))];
  return [
    ...larger.flatMap((size) => {
      const ratios = rounds.flatMap((round) => {
        const [few, many] = [cost(first, round), cost(size, round)];
        return few === undefined || many === undefined ? [] : [many / few];
      });
      return ratios.length === 0
        ? []
        : [atMost(`cost of a ticket with ${size} stored, against ${first}`, median(ratios), COST_MAX)];
    }),
    ...(comparison === undefined
      ? []
      : [
          atMost(
            `indexes: how far ${comparison.tickets} tickets made by SQL are from as many real ones`,
            Math.abs(comparison.indexes - 1),
            SHAPE_MAX,
          ),
        ]),
  ];
}

class RealTickets {
  readonly desk: LocalDesk;
  readonly #driver: Driver;
  readonly #onSent: () => void;

  constructor(desk: LocalDesk, driver: Driver, onSent: () => void) {
    this.desk = desk;
    this.#driver = driver;
    this.#onSent = onSent;
  }

  /** All at once, until everybody is at rest. */
  async send(tickets: number): Promise<{ ticketsPerSecond: number; p50Ms: number; p99Ms: number }> {
    const hooks = { begin: () => Promise.resolve(), end: () => Promise.resolve() };
    const measured = await this.#driver.measure(pipelineOf(this.desk), loadOf(tickets), 0, hooks);
    this.#onSent();
    await this.desk.rest();
    return measured;
  }
}

interface Making {
  readonly folder: string;
  readonly progress: Progress;
  readonly keep: () => void;
  readonly real: RealTickets;
  readonly stores: Stores;
}

async function makeStores(
  { say, sizes }: GrowthOptions,
  { folder, keep, progress, real, stores }: Making,
): Promise<void> {
  const [base = 0] = sizes;
  const has = (size: number): boolean => progress.stores.some((store) => store.size === size);
  const made = async (size: number, secondsToFill: number, withoutBodies: boolean): Promise<void> => {
    progress.stores.push({ size, withoutBodies, secondsToFill, bytes: await stores.bytes(nameOf(size)) });
    keep();
  };
  if (!has(base)) {
    await real.desk.rest();
    const begun = performance.now();
    await real.send(base);
    await stores.away();
    await stores.keepAs(nameOf(base));
    await made(base, Math.round((performance.now() - begun) / 1_000), false);
    say(`${base} real tickets are there.`);
  }
  await stores.away();
  const whole = await stores.within(nameOf(base), async (client) => {
    await client.query("vacuum (analyze)");
    return { sizes: await sizesOf(client), densities: await densitiesOf(client) };
  });
  const bytesATicket = bytesOf(whole.sizes) / base;
  const filled = (name: string, copies: number, withoutBodies: boolean): Promise<Sizes> =>
    stores.within(name, async (client) => {
      await fill(client, whole.sizes, { tickets: base, copies, withoutBodies, densities: whole.densities, say });
      return await sizesOf(client);
    });
  if (progress.comparison === undefined) {
    await stores.drop(COMPARED);
    await stores.copy(nameOf(base), COMPARED);
    progress.comparison = compared(whole.sizes, await filled(COMPARED, COPIES_COMPARED, false), {
      tickets: base,
      copies: COPIES_COMPARED,
    });
    await stores.drop(COMPARED);
    keep();
    say(
      `Indexes of ${base} tickets made by SQL take ${progress.comparison.indexes} times the bytes of as many real ones.`,
    );
  }
  for (const size of sizes.slice(1).filter((one) => !has(one))) {
    const withoutBodies = stores.free(folder) < bytesATicket * size * 1.3;
    if (withoutBodies)
      say(`The disk does not hold ${size} whole tickets: what is kept out of line is left out of the copies.`);
    const begun = performance.now();
    await stores.drop(nameOf(size));
    await stores.copy(nameOf(base), nameOf(size));
    await filled(nameOf(size), size / base - 1, withoutBodies);
    await made(size, Math.round((performance.now() - begun) / 1_000), withoutBodies);
  }
}

async function measure(
  { sizes, tickets }: GrowthOptions,
  { real, size, stores }: { real: RealTickets; size: number; stores: Stores },
): Promise<Omit<GrowthRun, "round">> {
  // What a turn adds is nothing to the larger ones, and much to the first.
  await (size === sizes[0] ? stores.useCopy(nameOf(size)) : stores.use(nameOf(size)));
  const { desk } = real;
  await desk.rest();
  await real.send(Math.min(WARM_UP, tickets));
  await stores.ask((client) => client.query("checkpoint"));
  const stored = await stores.ask(async (client) => {
    const { rows } = await client.query<{ n: number }>("select count(*)::int as n from ingest.tickets");
    return rows[0]?.n ?? 0;
  });
  const others = await takenByOthers(desk);
  const before = { cpu: desk.cpuMs(), work: await stores.ask(workOf), sizes: await stores.ask(sizesOf) };
  const { p50Ms, p99Ms, ticketsPerSecond } = await real.send(tickets);
  const after = { cpu: desk.cpuMs(), work: await stores.ask(workOf), sizes: await stores.ask(sizesOf) };
  return {
    size,
    stored,
    ticketsPerSecond,
    p50Ms,
    p99Ms,
    cpuMs: Object.fromEntries(
      Object.entries(after.cpu).map(([who, ms]) => [who, Number(((ms - (before.cpu[who] ?? 0)) / tickets).toFixed(2))]),
    ),
    ...spentBetween(before, after, tickets),
    coresTakenByOthers: Number(others.toFixed(2)),
    used: !isBusy(others),
  };
}

/** In cores, without what the desk takes at rest: eight services, and Postgres that tidies up after a store was filled. */
async function takenByOthers(desk: LocalDesk): Promise<number> {
  const begun = { at: performance.now(), own: total(desk.cpuMs()) };
  const all = await coresTakenByOthers();
  return Math.max(0, all - (total(desk.cpuMs()) - begun.own) / (performance.now() - begun.at));
}
