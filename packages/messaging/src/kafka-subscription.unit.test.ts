import { jest } from "@jest/globals";
import type { Consumer, EachBatchPayload } from "kafkajs";
import type { RecordBatch } from "./bus.ts";
import { subscribeToKafka } from "./kafka-subscription.ts";

type EachBatch = (payload: EachBatchPayload) => Promise<void>;
interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** Stands for a consumer of kafkajs: a test says what it fetches, and when the group's partitions are shared out anew. */
class FakeConsumer {
  readonly committed: Committed[] = [];
  readonly disconnects: number[] = [];
  /** The last offset that fetching was moved on by. */
  readonly resolved: number[] = [];
  paused = false;
  /** As after a broker was away for long: it will start again by itself. */
  crashed = false;
  disconnected: Promise<void> = Promise.resolve();
  #eachBatch: EachBatch | undefined;
  readonly #listeners = new Map<string, ((event: { payload: unknown }) => void)[]>();

  // Of all that a consumer offers, this is what a subscription asks for.
  readonly consumer = {
    events: { GROUP_JOIN: "join", REBALANCING: "rebalancing", FETCH: "fetch", CRASH: "crash" },
    on: (name: string, listener: (event: { payload: unknown }) => void) =>
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]),
    subscribe: async () => undefined,
    run: async ({ eachBatch }: { eachBatch: EachBatch }) => {
      this.#eachBatch = eachBatch;
      this.assign();
      this.emit("fetch", {});
    },
    commitOffsets: async (offsets: readonly Committed[]) => void this.committed.push(...offsets),
    pause: () => void (this.paused = true),
    resume: () => {
      if (this.crashed) throw new Error("Consumer group was not initialized, consumer#run must be called first");
      this.paused = false;
    },
    disconnect: () => {
      this.disconnects.push(Date.now());
      return this.disconnected;
    },
  } as unknown as Consumer;

  emit(name: string, payload: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) listener({ payload });
  }

  assign(): void {
    this.emit("join", { memberAssignment: { a: [0] } });
  }

  fetches(...offsets: readonly number[]): Promise<void> {
    return this.fetchesOf(1, ...offsets);
  }

  async fetchesOf(length: number, ...offsets: readonly number[]): Promise<void> {
    const value = (offset: number): string => String(offset).padEnd(length, " ");
    const messages = offsets.map((offset) => ({ offset: String(offset), value: value(offset), timestamp: "0" }));
    await this.#eachBatch?.({
      batch: { topic: "a", partition: 0, messages, lastOffset: () => String(offsets.at(-1)) },
      resolveOffset: (offset: string) => this.resolved.push(Number(offset)),
      heartbeat: async () => undefined,
    } as unknown as EachBatchPayload);
  }
}

let fake: FakeConsumer;
let batches: RecordBatch[];
let stopped: unknown[];
let handle: (batch: RecordBatch) => Promise<void>;
const subscribed = (recordsMax = 1) =>
  subscribeToKafka(
    { consumer: fake.consumer, lingerMs: 0, behind: async () => new Map(), onTrouble: () => undefined },
    {
      group: "g",
      topics: ["a"],
      from: "earliest",
      recordsMax,
      onBatch: async (batch) => {
        batches.push(batch);
        await handle(batch);
        batch.commit((batch.records.at(-1)?.offset ?? 0) + 1);
      },
      onStopped: (error) => stopped.push(error),
    },
  );

describe("a member of a consumer group", () => {
  beforeEach(() => {
    jest.useFakeTimers();
    fake = new FakeConsumer();
    batches = [];
    stopped = [];
    handle = async () => undefined;
  });
  afterEach(() => void jest.useRealTimers());

  it("forgets what is queued when partitions are assigned anew, and commits nothing of the batch in hand", async () => {
    await subscribed();
    let finish = (): void => undefined;
    handle = () => new Promise((resolve) => (finish = resolve));
    await fake.fetches(0, 1, 2);
    fake.assign();
    handle = async () => undefined;
    expect(batches.map((batch) => [batch.records[0]?.offset, batch.isStale()])).toEqual([[0, true]]);
    finish();
    await jest.advanceTimersByTimeAsync(1_000);
    // What was queued comes again by a fetch of the new assignment, and only by that.
    expect([batches.length, fake.committed]).toEqual([1, []]);
    await fake.fetches(0, 1, 2);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.map((batch) => batch.records[0]?.offset)).toEqual([0, 0, 1, 2]);
    expect(fake.committed.map(({ offset }) => offset)).toEqual(["3"]);
  });

  it("takes nothing that was fetched under an earlier assignment and lies behind what that one left undone", async () => {
    await subscribed();
    let finish = (): void => undefined;
    handle = () => new Promise((resolve) => (finish = resolve));
    await fake.fetches(0, 1, 2);
    fake.assign();
    handle = async () => undefined;
    // What another broker had on its way when the group was joined anew.
    await fake.fetches(3, 4);
    finish();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.map((batch) => batch.records[0]?.offset)).toEqual([0]);
    expect([fake.committed, fake.resolved]).toEqual([[], [2]]);

    await fake.fetches(0, 1, 2, 3, 4);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.map((batch) => batch.records[0]?.offset)).toEqual([0, 0, 1, 2, 3, 4]);
    expect(fake.committed.map(({ offset }) => offset)).toEqual(["5"]);
  });

  it("goes on wherever fetching begins, when others have had the partition meanwhile", async () => {
    await subscribed();
    handle = () => new Promise(() => undefined);
    await fake.fetches(0, 1, 2);
    fake.assign();
    handle = async () => undefined;
    // The first answer might be a late one, so it is asked for once more.
    await fake.fetches(50, 51);
    await fake.fetches(50, 51);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(fake.committed.map(({ offset }) => offset)).toEqual(["52"]);
  });

  it("takes and commits nothing of a partition that has gone to another member", async () => {
    await subscribed();
    fake.emit("join", { memberAssignment: { a: [1] } });
    await fake.fetches(3, 4);
    await jest.advanceTimersByTimeAsync(1_000);
    expect([batches, fake.committed, fake.resolved]).toEqual([[], [], []]);
  });

  it("goes on after a crash of the consumer during which it could not be told to fetch on", async () => {
    await subscribed();
    let finish = (): void => undefined;
    handle = () => new Promise((resolve) => (finish = resolve));
    await fake.fetches(0, 1, 2, 3);
    expect(fake.paused).toBe(true);
    fake.crashed = true;
    handle = async () => undefined;
    finish();
    await jest.advanceTimersByTimeAsync(1_000);
    fake.crashed = false;
    fake.assign();
    await fake.fetches(4);
    await jest.advanceTimersByTimeAsync(1_000);
    expect([stopped, batches.map((batch) => batch.records[0]?.offset)]).toEqual([[], [0, 1, 2, 3, 4]]);
  });

  it("keeps no more of a partition in memory than a few megabytes, and hands on no more than one at a time", async () => {
    fake = new FakeConsumer();
    await subscribed(100);
    let finish = (): void => undefined;
    handle = () => new Promise((resolve) => (finish = resolve));
    await fake.fetchesOf(600_000, 0);
    await fake.fetchesOf(600_000, 1);
    await fake.fetchesOf(400_000, 2);
    await fake.fetchesOf(600_000, 3);
    expect(fake.paused).toBe(false);
    await fake.fetchesOf(600_000, 4);
    expect(fake.paused).toBe(true);
    handle = async () => undefined;
    finish();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.map((batch) => batch.records.map(({ offset }) => offset))).toEqual([[0], [1, 2], [3], [4]]);
    expect(fake.paused).toBe(false);
  });

  it("commits what is done before its partitions go to others", async () => {
    await subscribed();
    await fake.fetches(0, 1);
    await jest.advanceTimersByTimeAsync(0);
    expect(fake.committed).toEqual([]);
    fake.emit("rebalancing", {});
    // The broker's answer to whoever joins again takes longer than this.
    await jest.advanceTimersByTimeAsync(0);
    fake.assign();
    await jest.advanceTimersByTimeAsync(0);
    expect(fake.committed).toEqual([{ topic: "a", partition: 0, offset: "2" }]);
  });

  it("leaves the group only when no handler runs, and waits no longer than ten seconds for that", async () => {
    const subscription = await subscribed();
    let finish = (): void => undefined;
    handle = () => new Promise((resolve) => (finish = resolve));
    await fake.fetches(0);
    fake.disconnected = new Promise(() => undefined);
    let left = false;
    void subscription.stop().then(() => (left = true));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(fake.disconnects).toEqual([]);
    finish();
    await jest.advanceTimersByTimeAsync(9_000);
    expect([fake.disconnects.length, left]).toEqual([1, false]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(left).toBe(true);
  });
});
