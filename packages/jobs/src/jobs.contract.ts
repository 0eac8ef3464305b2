import type { Database, Transaction } from "@opsdesk/database";
import type { Jobs, JobToInsert } from "./index.ts";

export interface JobsUnderTest {
  readonly name: string;
  readonly open: () => Promise<{
    jobs: Jobs;
    database: Database;
    again: () => Promise<Jobs>;
    close: () => Promise<void>;
  }>;
}

const ID = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const aJob = (n: number, more: Partial<JobToInsert> = {}): JobToInsert => ({
  id: ID(n),
  queue: "work",
  data: { n },
  startAfterSeconds: 0,
  fromMemory: false,
  ...more,
});

/** What every adapter of the jobs port promises. */
export function jobsContract(under: JobsUnderTest): void {
  describe(`jobs contract: ${under.name}`, () => {
    let opened: Awaited<ReturnType<JobsUnderTest["open"]>>;
    let jobs: Jobs;
    beforeEach(async () => {
      opened = await under.open();
      jobs = opened.jobs;
      await jobs.start([
        { name: "work", expireSeconds: 1 },
        { name: "other", expireSeconds: 60 },
      ]);
    }, 60_000);
    afterEach(() => opened.close());

    const inTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => opened.database.transaction(work);
    const insert = (...list: JobToInsert[]) => inTransaction((tx) => jobs.insert(tx, list));
    const fetched = async (queue = "work") => (await jobs.fetch(queue, 10)).map((job) => job.data);

    it("keeps a job with its data and hands it out once", async () => {
      await insert(aJob(1));
      expect(await jobs.fetch("work", 10)).toEqual([{ id: ID(1), queue: "work", data: { n: 1 } }]);
      expect(await fetched()).toEqual([]);
    });

    it("keeps nothing of a transaction that aborts", async () => {
      const aborted = inTransaction(async (tx) => {
        await jobs.insert(tx, [aJob(1)]);
        throw new Error("abort");
      });
      await expect(aborted).rejects.toThrow("abort");
      expect(await fetched()).toEqual([]);
    });

    it("takes the same id twice as one job", async () => {
      await insert(aJob(1));
      await insert(aJob(1));
      expect(await fetched()).toEqual([{ n: 1 }]);
    });

    it("hands out nothing before its time", async () => {
      await insert(aJob(1, { startAfterSeconds: 60 }));
      expect(await fetched()).toEqual([]);
    });

    it("keeps queues apart", async () => {
      await insert(aJob(1), aJob(2, { queue: "other" }));
      expect(await fetched("other")).toEqual([{ n: 2 }]);
      expect(await fetched()).toEqual([{ n: 1 }]);
    });

    it("completes a job that was fetched, and one that was run from memory", async () => {
      await insert(aJob(1), aJob(2, { startAfterSeconds: 60, fromMemory: true }));
      await jobs.fetch("work", 10);
      expect(await inTransaction((tx) => jobs.complete(tx, "work", [ID(1), ID(2)]))).toBe(2);
      await jobs.recover();
      expect(await fetched()).toEqual([]);
    });

    it("counts a completion only once, so that the second of two runners sees that it lost", async () => {
      await insert(aJob(1), aJob(2));
      expect(await inTransaction((tx) => jobs.complete(tx, "work", [ID(1)]))).toBe(1);
      expect(await inTransaction((tx) => jobs.complete(tx, "work", [ID(1), ID(2)]))).toBe(1);
    });

    it("completes nothing in a transaction that aborts", async () => {
      await insert(aJob(1));
      const aborted = inTransaction(async (tx) => {
        await jobs.complete(tx, "work", [ID(1)]);
        throw new Error("abort");
      });
      await expect(aborted).rejects.toThrow("abort");
      expect(await fetched()).toEqual([{ n: 1 }]);
    });

    it("makes due, after a crash, what was fetched or run from memory, and leaves a real schedule alone", async () => {
      await insert(aJob(1), aJob(2, { startAfterSeconds: 60, fromMemory: true }), aJob(3, { startAfterSeconds: 60 }));
      expect(await fetched()).toEqual([{ n: 1 }]);
      const next = await opened.again();
      await next.start([
        { name: "work", expireSeconds: 1 },
        { name: "other", expireSeconds: 60 },
      ]);
      await next.recover();
      const due = (await next.fetch("work", 10)).map((job) => job.data);
      expect(due).toHaveLength(2);
      expect(due).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }]));
    });

    it("makes due now what certain events caused, and says how much is due", async () => {
      const caused = (n: number, causationId: string) => aJob(n, { startAfterSeconds: 60, data: { n, causationId } });
      await insert(caused(1, "a"), caused(2, "b"), aJob(3));
      expect(await jobs.due()).toBe(1);
      await jobs.hasten(["a", "unknown"]);
      expect(await jobs.due()).toBe(2);
      expect(await fetched()).toEqual(expect.arrayContaining([{ n: 1, causationId: "a" }, { n: 3 }]));
      expect(await jobs.due()).toBe(2);
    });

    it("counts what waits and what is in work", async () => {
      await insert(aJob(1), aJob(2, { startAfterSeconds: 60 }));
      await jobs.fetch("work", 10);
      expect((await jobs.counts()).find((count) => count.queue === "work")).toEqual({
        queue: "work",
        waiting: 1,
        active: 1,
      });
    });
  });
}
