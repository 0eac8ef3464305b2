import type { BusRecord } from "./bus.ts";

const BYTES_MAX = 64 * 1024 * 1024;

interface Tail {
  end: number;
  readonly records: Map<number, BusRecord>;
}

/**
 * The newest records of each partition, kept in memory by the process that appended them: its consumers then read
 * nothing back from the database, and share one decoded copy. Older ones, or a gap, are read from the log.
 */
export class LogTail {
  readonly #tails = new Map<string, Tail>();
  readonly #order: { place: string; offset: number; bytes: number }[] = [];
  #dropped = 0;
  #bytes = 0;

  add(place: string, record: BusRecord): void {
    const tail = this.#of(place);
    tail.records.set(record.offset, record);
    tail.end = Math.max(tail.end, record.offset + 1);
    this.#order.push({ place, offset: record.offset, bytes: record.value.length });
    this.#bytes += record.value.length;
    this.#trim();
  }

  /** The offset after the last known record. */
  end(place: string): number {
    return this.#tails.get(place)?.end ?? 0;
  }

  /** Answers whether the partition is longer than was known. */
  raiseEnd(place: string, end: number): boolean {
    const tail = this.#of(place);
    if (end <= tail.end) return false;
    tail.end = end;
    return true;
  }

  /** Records from `from` on without a gap, or undefined when the log must be asked. */
  take(place: string, from: number, max: number): readonly BusRecord[] | undefined {
    const tail = this.#tails.get(place);
    if (tail === undefined) return undefined;
    const records: BusRecord[] = [];
    for (let offset = from; records.length < max; offset += 1) {
      const record = tail.records.get(offset);
      if (record === undefined) break;
      records.push(record);
    }
    return records.length === 0 ? undefined : records;
  }

  #of(place: string): Tail {
    let tail = this.#tails.get(place);
    if (tail === undefined) {
      tail = { end: 0, records: new Map() };
      this.#tails.set(place, tail);
    }
    return tail;
  }

  #trim(): void {
    while (this.#bytes > BYTES_MAX) {
      const oldest = this.#order[this.#dropped];
      if (oldest === undefined) return;
      this.#dropped += 1;
      this.#tails.get(oldest.place)?.records.delete(oldest.offset);
      this.#bytes -= oldest.bytes;
    }
    if (this.#dropped <= 10_000) return;
    this.#order.splice(0, this.#dropped);
    this.#dropped = 0;
  }
}
