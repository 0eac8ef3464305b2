import { rm } from "node:fs/promises";
import { temporaryFolder } from "@opsdesk/servers";
import { sampleTexts } from "../../faults/texts.ts";
import type { Desk } from "../desk/desk.ts";
import { openEmbeddedDesk } from "../desk/embedded.ts";
import { Driver } from "../pipeline/driver.ts";
import { median } from "../report.ts";

interface Pair {
  /** CPU milliseconds a ticket. */
  readonly before: number;
  readonly after: number;
}

export interface Comparison {
  readonly pairs: readonly Pair[];
  /** The median over the pairs of what it costs after, as a share of what it cost before. */
  readonly ratio: number;
}

export interface CompareOptions {
  /** Checkouts with their packages. */
  readonly before: string;
  readonly after: string;
  readonly pairs: number;
  readonly say: (line: string) => void;
}

const TICKETS = 150;
const WARM_UP_PAIRS = 2;

/**
 * What a ticket costs an embedded desk, everything included, with the code of two checkouts. Both desks run all the time
 * and take turns at the same enquiries, so that what the machine does meanwhile meets both.
 */
export async function compare({ after, before, pairs, say }: CompareOptions): Promise<Comparison> {
  const texts = await sampleTexts(TICKETS * (pairs + WARM_UP_PAIRS), 1);
  const desks: Measured[] = [];
  try {
    for (const checkout of [before, after]) desks.push(await openMeasured(checkout, texts));
    const measured: Pair[] = [];
    for (let turn = 0; turn < pairs + WARM_UP_PAIRS; turn += 1) {
      const costs: number[] = [];
      // Who is second finds the caches of the first: each is, as often as the other.
      for (const which of turn % 2 === 0 ? [0, 1] : [1, 0]) costs[which] = (await desks[which]?.cost()) ?? Number.NaN;
      const [old = Number.NaN, present = Number.NaN] = costs;
      if (turn < WARM_UP_PAIRS) continue;
      measured.push({ before: Number(old.toFixed(2)), after: Number(present.toFixed(2)) });
      say(`CPU ms a ticket: ${old.toFixed(1)} before, ${present.toFixed(1)} after`);
    }
    return { pairs: measured, ratio: median(measured.map((pair) => pair.after / pair.before)) };
  } finally {
    for (const { stop } of desks) await stop();
  }
}

interface Measured {
  /** Of the next tickets, each. */
  cost(): Promise<number>;
  stop(): Promise<void>;
}

async function openMeasured(checkout: string, texts: readonly string[]): Promise<Measured> {
  const folder = temporaryFolder();
  const driver = new Driver((n) => ({ id: `bench-${n}`, text: texts[n % texts.length] ?? "" }), 0);
  const desk: Desk = await openEmbeddedDesk({
    folder,
    checkout,
    onDone: (id) => driver.done(id),
    say: () => undefined,
  });
  const none = { begin: () => Promise.resolve(), end: () => Promise.resolve() };
  const pipeline = {
    submit: (...given: Parameters<Desk["submit"]>) => desk.submit(...given),
    run: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  await desk.rest();
  return {
    async cost() {
      const from = desk.cpuMs()["desk"] ?? 0;
      await driver.measure(pipeline, { kind: "import", tickets: TICKETS }, 0, none);
      await desk.rest();
      return ((desk.cpuMs()["desk"] ?? 0) - from) / TICKETS;
    },
    async stop() {
      await desk.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
