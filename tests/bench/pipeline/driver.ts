import { setTimeout as sleep } from "node:timers/promises";
import type { Pipeline, Ticket } from "./system.ts";

export type Load =
  /** Always so many tickets on their way. */
  | { readonly kind: "closed"; readonly inFlight: number; readonly seconds: number }
  /** All of them come at once, while everything runs. */
  | { readonly kind: "import"; readonly tickets: number }
  /** All of them are there before the first step begins. */
  | { readonly kind: "backlog"; readonly tickets: number }
  /** So many a second, whatever becomes of the earlier ones. */
  | {
      readonly kind: "open";
      readonly perSecond: number;
      /** Of the most that the system has managed. */
      readonly share: number;
      readonly seconds: number;
    };

export interface Measured {
  readonly tickets: number;
  readonly seconds: number;
  readonly ticketsPerSecond: number;
  /** From submission, or from when an open load was due, to the fifth step's word, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function described(load: Load): string {
  switch (load.kind) {
    case "closed":
      return `at ${load.inFlight} in flight`;
    case "open":
      return `at ${load.perSecond.toFixed(0)} a second`;
    case "import":
      return `${load.tickets} at once`;
    case "backlog":
      return `from a backlog of ${load.tickets}`;
  }
}

const SUBMIT_MAX = 200;
const TURN_MS = 5;
const DRAIN_MS_MAX = 60_000;
const SILENT_MS_MAX = 60_000;

export interface Hooks {
  /** When the measured time begins and ends. */
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Gives tickets to a pipeline and times them. One driver a process: it numbers the tickets from where it was left. */
export class Driver {
  readonly #ticket: (n: number) => Ticket;
  readonly #since = new Map<string, number>();
  #next: number;
  #latencies: number[] = [];
  #onDone: () => void = () => undefined;
  #lastAt = 0;

  constructor(ticket: (n: number) => Ticket, first: number) {
    this.#ticket = ticket;
    this.#next = first;
  }

  /** Told by the pipeline; a second word of one ticket is passed over. */
  done(id: string): void {
    const since = this.#since.get(id);
    if (since === undefined) return;
    this.#since.delete(id);
    this.#lastAt = performance.now();
    this.#latencies.push(this.#lastAt - since);
    this.#onDone();
  }

  get next(): number {
    return this.#next;
  }

  measure(pipeline: Pipeline, load: Load, warmUpSeconds: number, hooks: Hooks): Promise<Measured> {
    switch (load.kind) {
      case "closed":
        return this.#closed(pipeline, load, warmUpSeconds, hooks);
      case "open":
        return this.#open(pipeline, load, warmUpSeconds, hooks);
      case "import":
        return this.#import(pipeline, load, hooks);
      case "backlog":
        return this.#backlog(pipeline, load, hooks);
    }
  }

  async #closed(
    pipeline: Pipeline,
    load: Load & { kind: "closed" },
    warmUpSeconds: number,
    hooks: Hooks,
  ): Promise<Measured> {
    const over = new AbortController();
    let owed = load.inFlight;
    let wake: (() => void) | undefined;
    this.#onDone = () => {
      owed += 1;
      wake?.();
    };
    const feed = (async () => {
      while (!over.signal.aborted) {
        if (owed === 0) await new Promise<void>((resolve) => (wake = resolve));
        // What is done in one turn of the event loop is replaced by one submission.
        await new Promise((resolve) => setImmediate(resolve));
        const batch = this.#batch(Math.min(owed, SUBMIT_MAX));
        owed -= batch.length;
        if (batch.length > 0) await pipeline.submit(batch);
      }
    })();
    await sleep(warmUpSeconds * 1_000);
    this.#latencies = [];
    await hooks.begin();
    const startedAt = performance.now();
    await sleep(load.seconds * 1_000);
    const measured = this.#measured(startedAt);
    await hooks.end();
    over.abort();
    wake?.();
    await feed;
    await this.#drained();
    return measured;
  }

  async #import(pipeline: Pipeline, load: Load & { kind: "import" }, hooks: Hooks): Promise<Measured> {
    this.#latencies = [];
    await hooks.begin();
    const startedAt = performance.now();
    await this.#submitAll(pipeline, load.tickets);
    await this.#drained(Number.POSITIVE_INFINITY);
    const measured = this.#measured(startedAt);
    await hooks.end();
    return measured;
  }

  async #backlog(pipeline: Pipeline, load: Load & { kind: "backlog" }, hooks: Hooks): Promise<Measured> {
    await this.#submitAll(pipeline, load.tickets);
    this.#latencies = [];
    await hooks.begin();
    const startedAt = performance.now();
    await pipeline.run();
    await this.#drained(Number.POSITIVE_INFINITY);
    const measured = this.#measured(startedAt);
    await hooks.end();
    return measured;
  }

  async #open(
    pipeline: Pipeline,
    load: Load & { kind: "open" },
    warmUpSeconds: number,
    hooks: Hooks,
  ): Promise<Measured> {
    const begunAt = performance.now();
    const ends = begunAt + (warmUpSeconds + load.seconds) * 1_000;
    const submissions = new Set<Promise<void>>();
    let sent = 0;
    let measuring: number | undefined;
    for (let now = begunAt; now < ends; now = performance.now()) {
      const due = Math.floor(((now - begunAt) / 1_000) * load.perSecond);
      // Late because this process was busy: the time that it was due counts.
      const batch = this.#batch(Math.min(due - sent, SUBMIT_MAX), begunAt + (sent / load.perSecond) * 1_000);
      sent += batch.length;
      if (batch.length > 0) {
        const submission = pipeline.submit(batch).finally(() => submissions.delete(submission));
        submissions.add(submission);
      }
      if (measuring === undefined && now - begunAt >= warmUpSeconds * 1_000) {
        this.#latencies = [];
        await hooks.begin();
        measuring = performance.now();
      }
      await sleep(TURN_MS);
    }
    const measured = this.#measured(measuring ?? begunAt);
    await hooks.end();
    await Promise.all(submissions);
    await this.#drained();
    return measured;
  }

  async #submitAll(pipeline: Pipeline, tickets: number): Promise<void> {
    for (let left = tickets; left > 0; left -= SUBMIT_MAX)
      await pipeline.submit(this.#batch(Math.min(left, SUBMIT_MAX)));
  }

  #batch(count: number, since = performance.now()): readonly Ticket[] {
    return Array.from({ length: Math.max(0, count) }, () => {
      const ticket = this.#ticket(this.#next++);
      this.#since.set(ticket.id, since);
      return ticket;
    });
  }

  #measured(startedAt: number): Measured {
    const seconds = (performance.now() - startedAt) / 1_000;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
    return {
      tickets: sorted.length,
      seconds: Number(seconds.toFixed(2)),
      ticketsPerSecond: Number((sorted.length / seconds).toFixed(1)),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
    };
  }

  /** What is left over would be the next run's work. */
  async #drained(msMax = DRAIN_MS_MAX): Promise<void> {
    const from = performance.now();
    this.#lastAt = from;
    while (this.#since.size > 0) {
      const now = performance.now();
      if (now - from > msMax || now - this.#lastAt > SILENT_MS_MAX)
        throw new Error(`${this.#since.size} tickets never came out`);
      await sleep(2);
    }
  }
}
