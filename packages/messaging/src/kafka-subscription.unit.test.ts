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
    pause: () => undefined,
    resume: () => undefined,
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

  async fetches(...offsets: readonly number[]): Promise<void> {
    const messages = offsets.map((offset) => ({ offset: String(offset), value: String(offset), timestamp: "0" }));
    await this.#eachBatch?.({
      batch: { topic: "a", partition: 0, messages, lastOffset: () => String(offsets.at(-1)) },
      resolveOffset: () => undefined,
      heartbeat: async () => undefined,
    } as unknown as EachBatchPayload);
  }
}

let fake: FakeConsumer;
let batches: RecordBatch[];
let handle: (batch: RecordBatch) => Promise<void>;
const subscribed = () =>
  subscribeToKafka(
    { consumer: fake.consumer, lingerMs: 0, behind: async () => new Map(), onTrouble: () => undefined },
    {
      group: "g",
      topics: ["a"],
      from: "earliest",
      recordsMax: 1,
      onBatch: async (batch) => {
        batches.push(batch);
        await handle(batch);
        batch.commit((batch.records.at(-1)?.offset ?? 0) + 1);
      },
      onStopped: () => undefined,
    },
  );

describe("a member of a consumer group", () => {
  beforeEach(() => {
    jest.useFakeTimers();
    fake = new FakeConsumer();
    batches = [];
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
    let stopped = false;
    void subscription.stop().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(fake.disconnects).toEqual([]);
    finish();
    await jest.advanceTimersByTimeAsync(9_000);
    expect([fake.disconnects.length, stopped]).toEqual([1, false]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(true);
  });
});
