import type { Bus, BusRecord, OutgoingRecord, RecordBatch, Subscription } from "./bus.ts";

/** How an adapter is put to the test. */
export interface BusUnderTest {
  readonly name: string;
  /** A bus with nothing in it. `again` opens the same log once more, as a process that starts after a crash. */
  readonly open: () => Promise<{ bus: Bus; again: () => Promise<Bus>; close: () => Promise<void> }>;
}

const record = (topic: string, key: string | null, value: string): OutgoingRecord => ({
  topic,
  key,
  headers: { ce_id: value },
  value,
});

/** Collects what a subscription is given. */
class Collector {
  readonly records: BusRecord[] = [];
  readonly sizes: number[] = [];
  subscription: Subscription | undefined;
  /** Awaited before a batch counts as handled. */
  before: (batch: RecordBatch) => Promise<void> = async () => undefined;
  commits = true;

  async subscribe(
    bus: Bus,
    group: string,
    topics: readonly string[],
    from: "earliest" | "latest" = "earliest",
    recordsMax = 100,
  ): Promise<this> {
    this.subscription = await bus.subscribe({
      group,
      topics,
      from,
      recordsMax,
      onBatch: async (batch) => {
        await this.before(batch);
        this.sizes.push(batch.records.length);
        this.records.push(...batch.records);
        const last = batch.records.at(-1);
        if (this.commits && last !== undefined) batch.commit(last.offset + 1);
      },
      onStopped: () => undefined,
    });
    return this;
  }

  values = (): string[] => this.records.map((one) => one.value);

  async until(count: number): Promise<void> {
    const end = Date.now() + 10_000;
    while (this.records.length < count) {
      if (Date.now() > end) throw new Error(`only ${this.records.length} of ${count} records came`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** What every adapter of the bus port promises. */
export function busContract(under: BusUnderTest): void {
  describe(`bus contract: ${under.name}`, () => {
    let opened: Awaited<ReturnType<BusUnderTest["open"]>>;
    let bus: Bus;
    beforeEach(async () => {
      opened = await under.open();
      bus = opened.bus;
      await bus.ensureTopics([
        { name: "a", partitions: 3 },
        { name: "b", partitions: 1 },
      ]);
    }, 60_000);
    afterEach(() => opened.close());

    it("keeps the order of each key, whatever the partition", async () => {
      const keys = ["k1", "k2", "k3", "k4", "k5"];
      for (let round = 0; round < 20; round += 1)
        await bus.send(keys.map((key) => record("a", key, `${key}:${round}`)));
      const all = await new Collector().subscribe(bus, "g", ["a"]);
      await all.until(100);
      for (const key of keys)
        expect(all.values().filter((value) => value.startsWith(`${key}:`))).toEqual(
          Array.from({ length: 20 }, (_, round) => `${key}:${round}`),
        );
    });

    it("puts all records of a key into one partition and gives them rising offsets", async () => {
      await bus.send(Array.from({ length: 30 }, (_, n) => record("a", "same", String(n))));
      const all = await new Collector().subscribe(bus, "g", ["a"]);
      await all.until(30);
      expect(new Set(all.records.map((one) => one.partition)).size).toBe(1);
      expect(all.records.map((one) => one.offset)).toEqual(Array.from({ length: 30 }, (_, n) => n));
    });

    it("hands several records of one key over in one batch", async () => {
      await bus.send(Array.from({ length: 5 }, (_, n) => record("b", "k", String(n))));
      const all = await new Collector().subscribe(bus, "g", ["b"]);
      await all.until(5);
      expect(all.sizes[0]).toBe(5);
    });

    it("takes records without a key", async () => {
      await bus.send(Array.from({ length: 9 }, (_, n) => record("a", null, String(n))));
      const all = await new Collector().subscribe(bus, "g", ["a"]);
      await all.until(9);
      expect(
        all
          .values()
          .map(Number)
          .sort((x, y) => x - y),
      ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it("keeps headers and values byte for byte", async () => {
      const value = JSON.stringify({ text: "ünïcode \u2028 \ud83d\ude00 \\u0000 'quotes' {braces}, commas\n" });
      await bus.send([{ topic: "b", key: "k,{}\"'\\", headers: { ce_id: "1", traceparent: "00-…" }, value }]);
      const again = await opened.again();
      const all = await new Collector().subscribe(again, "g", ["b"]);
      await all.until(1);
      expect(all.records[0]).toMatchObject({ key: "k,{}\"'\\", headers: { ce_id: "1", traceparent: "00-…" }, value });
    });

    it("gives each group everything, and a record to a group once while nothing fails", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2")]);
      const one = await new Collector().subscribe(bus, "one", ["b"]);
      const two = await new Collector().subscribe(bus, "two", ["b"]);
      await Promise.all([one.until(2), two.until(2)]);
      await bus.send([record("b", "k", "3")]);
      await Promise.all([one.until(3), two.until(3)]);
      expect([one.values(), two.values()]).toEqual([
        ["1", "2", "3"],
        ["1", "2", "3"],
      ]);
    });

    it("goes on after what was committed when the group comes back", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2")]);
      const first = await new Collector().subscribe(bus, "g", ["b"]);
      await first.until(2);
      await first.subscription?.stop();
      await bus.send([record("b", "k", "3")]);
      const second = await new Collector().subscribe(await opened.again(), "g", ["b"]);
      await second.until(1);
      expect(second.values()).toEqual(["3"]);
    });

    it("hands over again what was not committed before the crash", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2")]);
      const dies = new Collector();
      dies.commits = false;
      await dies.subscribe(bus, "g", ["b"]);
      await dies.until(2);
      // A member of a group that is only silent would keep its partitions.
      await dies.subscription?.stop();
      const second = await new Collector().subscribe(await opened.again(), "g", ["b"]);
      await second.until(2);
      expect(second.values()).toEqual(["1", "2"]);
    });

    it("begins at the end for a group that asks for what is new", async () => {
      await bus.send([record("b", "k", "old")]);
      const live = await new Collector().subscribe(bus, "live", ["b"], "latest");
      await bus.send([record("b", "k", "new")]);
      await live.until(1);
      expect(live.values()).toEqual(["new"]);
    });

    it("does not fetch on while a batch is being worked on", async () => {
      let working = 0;
      let most = 0;
      const slow = new Collector();
      slow.before = async () => {
        working += 1;
        most = Math.max(most, working);
        await new Promise((resolve) => setTimeout(resolve, 10));
        working -= 1;
      };
      await slow.subscribe(bus, "g", ["b"], "earliest", 7);
      for (let n = 0; n < 50; n += 1) await bus.send([record("b", "k", String(n))]);
      await slow.until(50);
      expect(most).toBe(1);
      expect(Math.max(...slow.sizes)).toBeLessThanOrEqual(7);
      expect(slow.values()).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    });

    it("reads from an offset and from a time, outside any group", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2")]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      const time = Date.now();
      await bus.send([record("b", "k", "3")]);
      const collect = async (from: { offset: number } | { time: number }) => {
        const values: string[] = [];
        for await (const one of bus.read({ topic: "b", from })) values.push(one.value);
        return values;
      };
      expect(await collect({ offset: 1 })).toEqual(["2", "3"]);
      expect(await collect({ time: time - 10 })).toEqual(["3"]);
    });

    it("loses nothing and keeps each key's order with sixteen writers at once", async () => {
      const all = await new Collector().subscribe(bus, "g", ["a"]);
      await Promise.all(
        Array.from({ length: 16 }, async (_, writer) => {
          for (let n = 0; n < 25; n += 1) await bus.send([record("a", `w${writer}`, `${writer}:${n}`)]);
        }),
      );
      await all.until(400);
      for (let writer = 0; writer < 16; writer += 1)
        expect(all.values().filter((value) => value.startsWith(`${writer}:`))).toEqual(
          Array.from({ length: 25 }, (_, n) => `${writer}:${n}`),
        );
    });

    it("says how far a group is behind, and that it has caught up", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2"), record("b", "k", "3")]);
      expect((await bus.lag("g", ["b"])).get("b")?.records).toBe(3);
      const all = await new Collector().subscribe(bus, "g", ["b"]);
      await all.until(3);
      await all.subscription?.stop();
      expect((await bus.lag("g", ["b"])).get("b")?.records).toBe(0);
      expect(await all.subscription?.caughtUp()).toBe(true);
    });

    it("says where a group stands in each partition, and where the partition ends", async () => {
      await bus.send([record("b", "k", "1"), record("b", "k", "2"), record("b", "k", "3")]);
      const stands = async () => (await bus.positions("g", ["b"])).filter(({ end }) => end > 0);
      const [before] = await stands();
      expect(before).toMatchObject({ topic: "b", committed: 0, end: 3 });
      const all = await new Collector().subscribe(bus, "g", ["b"]);
      await all.until(3);
      await all.subscription?.stop();
      expect(await stands()).toEqual([{ ...before, committed: 3 }]);
    });

    it("finishes the batch in hand when it is stopped, and takes no other", async () => {
      const all = new Collector();
      all.before = () => new Promise((resolve) => setTimeout(resolve, 50));
      await all.subscribe(bus, "g", ["b"], "earliest", 1);
      await bus.send([record("b", "k", "1"), record("b", "k", "2")]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await all.subscription?.stop();
      const handled = all.values().length;
      expect(handled).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 80));
      expect(all.values().length).toBe(handled);
    });

    it("refuses a topic that was never declared", async () => {
      await expect(bus.send([record("nowhere", "k", "1")])).rejects.toThrow();
    });

    it("does not beat for a handler that hangs, whatever other partitions do", async () => {
      const some = new Collector();
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      some.before = ({ records }) => (records.some((one) => one.value === "hangs") ? released : Promise.resolve());
      await some.subscribe(bus, "g", ["a"]);
      const before = Date.now();
      expect(some.subscription?.beatAt()).toBeLessThanOrEqual(before);
      // By their many keys some of these are in other partitions.
      const others = Array.from({ length: 12 }, (_, n) => record("a", `other-${n}`, "works"));
      await bus.send([record("a", "k", "hangs"), ...others]);
      await some.until(1);
      const hangsSince = Date.now();
      for (let n = 0; n < 8; n += 1) {
        await bus.send(others);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(some.subscription?.beatAt()).toBeLessThanOrEqual(hangsSince);
      release();
    });

    it("reports a handler that throws, instead of going silent", async () => {
      const stopped = new Promise((resolve) => {
        void bus.subscribe({
          group: "g",
          topics: ["b"],
          from: "earliest",
          recordsMax: 1,
          onBatch: () => Promise.reject(new Error("a mistake")),
          onStopped: resolve,
        });
      });
      await bus.send([record("b", "k", "1")]);
      expect(await stopped).toMatchObject({ message: "a mistake" });
    });
  });
}
