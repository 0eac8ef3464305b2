import type { BusRecord, SubscribeOptions, Subscription } from "./bus.ts";
import { pause } from "./pause.ts";

const BUSY_RECORDS = 8;

/** What a bus adapter that holds its own log offers to the loops that read it. */
export interface PartitionSource {
  partitions(topic: string): Promise<number>;
  /** Where the group goes on, by `topic/partition`; a place where it has never committed is absent. */
  committed(group: string, topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  end(topic: string, partition: number): Promise<number>;
  fetch(topic: string, partition: number, from: number, max: number): Promise<readonly BusRecord[]>;
  /** Resolves when the partition may have grown, or after a moment. */
  wait(topic: string, partition: number, from: number, signal: AbortSignal): Promise<void>;
  commit(group: string, topic: string, partition: number, nextOffset: number): void;
  flushCommits(): Promise<void>;
  /** How long a busy loop waits for more; 0 where a batch is cheap. */
  readonly lingerMs: number;
}

/** One loop a partition; together they are a subscription. */
export async function subscribeToPartitions(source: PartitionSource, options: SubscribeOptions): Promise<Subscription> {
  const stopping = new AbortController();
  const positions = new Map<string, number>();
  // Each loop's own: one that hangs is not to be hidden by the others.
  const beats = new Map<string, number>();

  const loops: Promise<void>[] = [];
  const committed = await source.committed(options.group, options.topics);
  for (const topic of options.topics) {
    const partitions = await source.partitions(topic);
    for (let partition = 0; partition < partitions; partition += 1) {
      const start =
        committed.get(`${topic}/${partition}`) ??
        (options.from === "earliest" ? 0 : await source.end(topic, partition));
      positions.set(`${topic}/${partition}`, start);
      loops.push(run(topic, partition, start));
    }
  }

  async function run(topic: string, partition: number, start: number): Promise<void> {
    const place = `${topic}/${partition}`;
    const beat = (): void => void beats.set(place, Date.now());
    let position = start;
    beat();
    try {
      while (!stopping.signal.aborted) {
        const records = await source.fetch(topic, partition, position, options.recordsMax);
        beat();
        const last = records.at(-1);
        if (last === undefined) {
          await source.wait(topic, partition, position, stopping.signal);
          continue;
        }
        await options.onBatch({
          topic,
          partition,
          records,
          commit: (nextOffset) => source.commit(options.group, topic, partition, nextOffset),
          heartbeat: async () => beat(),
          isStale: () => false,
        });
        position = last.offset + 1;
        // While much arrives, waiting a moment makes the next batch larger, and a batch costs far more than its rows.
        if (records.length >= BUSY_RECORDS && records.length < options.recordsMax)
          await pause(stopping.signal, source.lingerMs);
        if (!stopping.signal.aborted) positions.set(place, position);
      }
    } catch (error) {
      options.onStopped(error);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await source.flushCommits();
    },
    beatAt: () => Math.min(Date.now(), ...beats.values()),
    async caughtUp() {
      for (const [place, position] of positions) {
        const slash = place.lastIndexOf("/");
        if (position < (await source.end(place.slice(0, slash), Number(place.slice(slash + 1))))) return false;
      }
      return true;
    },
  };
}

/** Waiters for growth, woken by the partition's name. */
export class Growth {
  readonly #waiting = new Map<string, Set<() => void>>();

  wake(place: string): void {
    const waiting = this.#waiting.get(place);
    if (waiting === undefined) return;
    this.#waiting.delete(place);
    for (const go of waiting) go();
  }

  wait(place: string, signal: AbortSignal, msMax: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(place) ?? new Set();
      const go = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", go);
        waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, msMax);
      if (signal.aborted) return go();
      signal.addEventListener("abort", go, { once: true });
      waiting.add(go);
      this.#waiting.set(place, waiting);
    });
  }
}

/** FNV-1a over UTF-16 units: which partition a key lives in, the same in every process. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % partitions;
}
