import type { Bus, OutgoingRecord } from "./bus.ts";
import type { Observer } from "./observer.ts";
import { endSending } from "./trace-sends.ts";

/** One send never carries more than this of one topic, since a broker refuses too large a batch. */
const BYTES_MAX = 200_000;

interface Flush {
  readonly records: readonly OutgoingRecord[];
  readonly seqs: readonly number[];
  readonly settle: (sent: boolean) => void;
}

/**
 * Publishes straight from memory what has just been committed to the outbox, in the order of commit, many commits
 * a send. What it cannot publish stays in the outbox, where the relay finds it.
 */
export class Publisher {
  readonly #bus: Bus;
  readonly #observer: Observer;
  readonly #published: number[] = [];
  #queue: Flush[] = [];
  #sending: readonly Flush[] = [];
  // Until the relay has found the outbox empty once, rows of an earlier run may have to go first.
  #holding = true;
  #refusals = 0;

  constructor(bus: Bus, observer: Observer) {
    this.#bus = bus;
    this.#observer = observer;
  }

  /** Resolves to true when the bus has acknowledged the records, and to false when they are left to the relay. */
  publish(records: readonly OutgoingRecord[], seqs: readonly number[]): Promise<boolean> {
    if (records.length === 0 || this.#bus.inTransaction !== undefined) return Promise.resolve(true);
    if (this.#holding) {
      this.#refusals += 1;
      endSending(this.#bus, records);
      return Promise.resolve(false);
    }
    return new Promise((settle) => {
      this.#queue.push({ records, seqs, settle });
      void this.#drain();
    });
  }

  /**
   * While older rows wait in the outbox nothing is published from memory: a later event of the same key would
   * overtake them.
   */
  holding(): boolean {
    return this.#holding;
  }

  /**
   * Nobody knows whether a commit with events took place. If it did, its rows are in nobody's hand: what comes behind
   * them waits until the relay has looked.
   */
  hold(): void {
    this.#holding = true;
    this.#refusals += 1;
  }

  refusals(): number {
    return this.#refusals;
  }

  /** The relay found nothing left; valid only if nothing was refused since it looked. */
  resume(refusalsSeen: number): void {
    if (this.#refusals === refusalsSeen && this.#queue.length === 0) this.#holding = false;
  }

  /** Nothing is on its way to the bus. */
  idle(): boolean {
    return this.#sending.length === 0 && this.#queue.length === 0;
  }

  /** Resolves when it is idle; a send is given up at its deadline. */
  async settled(): Promise<void> {
    while (!this.idle()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Outbox rows that are published, or will be from memory unless that is refused: they are not the relay's. */
  inHand(): readonly number[] {
    return [...this.#published, ...[...this.#sending, ...this.#queue].flatMap(({ seqs }) => seqs)];
  }

  peekPublished(): readonly number[] {
    return [...this.#published];
  }

  /** Outbox rows that are published and may be deleted; each is answered once. */
  takePublished(): readonly number[] {
    return this.#published.splice(0, this.#published.length);
  }

  /** Rows whose deletion did not commit are still to be deleted. */
  putBack(seqs: readonly number[]): void {
    this.#published.push(...seqs);
  }

  async #drain(): Promise<void> {
    if (this.#sending.length > 0) return;
    while (this.#queue.length > 0) {
      this.#sending = this.#queue.splice(0, this.#queue.length);
      const sent = await this.#send(this.#sending.flatMap((one) => one.records));
      // What came behind those that failed would overtake them.
      const settled = sent ? this.#sending : [...this.#sending, ...this.#queue.splice(0, this.#queue.length)];
      this.#sending = [];
      for (const one of settled) {
        if (sent) this.#published.push(...one.seqs);
        else endSending(this.#bus, one.records);
        one.settle(sent);
      }
      if (sent) this.#observer.published(settled.reduce((sum, one) => sum + one.records.length, 0));
    }
  }

  async #send(records: readonly OutgoingRecord[]): Promise<boolean> {
    try {
      for (const part of parts(records)) await this.#bus.send(part);
      return true;
    } catch (error) {
      this.#holding = true;
      this.#refusals += 1;
      this.#observer.trouble("bus_unavailable", "records could not be published now; the relay will", error);
      return false;
    }
  }
}

/** Splits by size without changing the order. */
export function parts<Row extends OutgoingRecord>(records: readonly Row[]): readonly (readonly Row[])[] {
  const result: Row[][] = [];
  let current: Row[] = [];
  let bytes = 0;
  for (const record of records) {
    if (current.length > 0 && bytes + record.value.length > BYTES_MAX) {
      result.push(current);
      current = [];
      bytes = 0;
    }
    current.push(record);
    bytes += record.value.length;
  }
  if (current.length > 0) result.push(current);
  return result;
}
