import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { jest } from "@jest/globals";
import { testKafka } from "@opsdesk/servers/suites";
import { type Consumer, Kafka, logLevel } from "kafkajs";
import type { RecordBatch, Subscription } from "./bus.ts";
import { kafkaBus } from "./kafka-bus.ts";
import { subscribeToKafka } from "./kafka-subscription.ts";

const { brokers, prefix } = testKafka();
const SESSION_MS = 6_000;
const MEMBER = fileURLToPath(new URL("../fixture/member.ts", import.meta.url));

const options = { connection: { brokers: [...brokers] }, name: "opsdesk.member", lingerMs: 0 };
const opened: { close(): Promise<void> }[] = [];
const openBus = () => {
  const bus = kafkaBus({ ...options, onTrouble: () => undefined });
  opened.push(bus);
  return bus;
};
const bus = openBus();
const subscriptions: Subscription[] = [];
const holds: (() => void)[] = [];
afterEach(async () => {
  for (const release of holds.splice(0)) release();
  await Promise.all(subscriptions.splice(0).map((one) => one.stop()));
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
});

/** A topic, and its group of the same name. */
async function topicOf(name: string, partitions: number): Promise<string> {
  await bus.ensureTopics([{ name: `${prefix}.${name}`, partitions }]);
  return `${prefix}.${name}`;
}

const send = (topic: string, values: readonly number[], key: (n: number) => string = () => "k") =>
  bus.send(values.map((n) => ({ topic, key: key(n), headers: {}, value: String(n) })));

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

async function until(what: () => boolean | Promise<boolean>, msMax = 30_000): Promise<void> {
  const end = Date.now() + msMax;
  while (!(await what())) {
    if (Date.now() > end) throw new Error("it never happened");
    await sleep(20);
  }
}
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a handler waits for until the test, or its end, lets it go. */
function hold(): { readonly released: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  holds.push(release);
  return { released, release };
}

/** A member whose consumer a test may look into, with as short a session as a broker allows. */
async function member(
  topic: string,
  onBatch: (batch: RecordBatch) => Promise<void>,
  more: { readonly recordsMax?: number; readonly broken?: (consumer: Consumer) => Consumer } = {},
) {
  const retry = { initialRetryTime: 300, maxRetryTime: 10_000, retries: 5 };
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry });
  const consumer = kafka.consumer({ groupId: topic, sessionTimeout: SESSION_MS, maxWaitTimeInMs: 100, retry });
  const stopped: unknown[] = [];
  const subscription = await subscribeToKafka(
    {
      consumer: more.broken?.(consumer) ?? consumer,
      lingerMs: 0,
      behind: async () => new Map(),
      onTrouble: () => undefined,
    },
    {
      group: topic,
      topics: [topic],
      from: "earliest",
      recordsMax: more.recordsMax ?? 100,
      onBatch,
      onStopped: (error) => stopped.push(error),
    },
  );
  subscriptions.push(subscription);
  return { consumer, subscription, stopped };
}

const commitAll = (batch: RecordBatch): void => batch.commit((batch.records.at(-1)?.offset ?? -1) + 1);
const silence = (subscription: Subscription): number => Date.now() - subscription.beatAt();

describe("a member of a consumer group, on a broker", () => {
  it("is reported as stopped when kafkajs crashes and would stay silent for ever", async () => {
    const topic = await topicOf("crash", 1);
    const { stopped } = await member(topic, async () => undefined, {
      broken: (consumer) => ({
        ...consumer,
        run: (config) =>
          consumer.run({ ...config, eachBatch: () => Promise.reject(new TypeError("a mistake in a callback")) }),
      }),
    });
    await send(topic, [1]);
    await until(() => stopped.length > 0);
    expect(stopped).toEqual([expect.objectContaining({ message: "a mistake in a callback" })]);
  });

  it("sleeps while nothing comes", async () => {
    const topic = await topicOf("quiet", 12);
    const quiet = openBus();
    const taken: number[] = [];
    subscriptions.push(
      await quiet.subscribe({
        group: topic,
        topics: [topic],
        from: "earliest",
        recordsMax: 10,
        onBatch: async (batch) => void taken.push(...batch.records.map((one) => Number(one.value))),
        onStopped: () => undefined,
      }),
    );
    const timers = jest.spyOn(globalThis, "setTimeout");
    await sleep(2_000);
    const short = timers.mock.calls.filter(([, ms]) => (ms ?? 0) <= 1);
    timers.mockRestore();
    expect(short.length).toBeLessThan(20);

    // It wakes for the first record, however long it would have waited.
    const sentAt = Date.now();
    await send(topic, [1]);
    await until(() => taken.length > 0);
    expect(Date.now() - sentAt).toBeLessThan(400);
  });

  it("takes together what comes apart, where records may wait, unless it is much", async () => {
    const topic = await topicOf("patient", 1);
    const patient = openBus();
    const taken: number[][] = [];
    subscriptions.push(
      await patient.subscribe({
        group: topic,
        topics: [topic],
        from: "earliest",
        recordsMax: 100,
        patienceMs: 4_000,
        onBatch: async (batch) => void taken.push(batch.records.map((one) => Number(one.value))),
        onStopped: () => undefined,
      }),
    );
    const sentAt = Date.now();
    for (const n of upTo(30)) {
      await send(topic, [n]);
      await sleep(20);
    }
    const sentUntil = Date.now();
    await until(() => taken.flat().length === 30);
    expect(taken.flat()).toEqual(upTo(30));
    expect(taken.length).toBeLessThanOrEqual(2 + (sentUntil - sentAt) / 4_000);

    // Much at once is worth a turn of its own.
    const largeAt = Date.now();
    await bus.send([{ topic, key: "k", headers: {}, value: "1".padEnd(70_000, " ") }]);
    await until(() => taken.flat().length === 31);
    expect(Date.now() - largeAt).toBeLessThan(3_000);
  });

  it("keeps its place and fetches on while a handler takes longer than a session", async () => {
    const topic = await topicOf("slow", 2);
    const taken: string[] = [];
    const { released, release } = hold();
    const slow = new Set<number>();
    await member(topic, async (batch) => {
      taken.push(...batch.records.map((one) => one.value));
      if (batch.records.some((one) => one.value === "0")) {
        slow.add(batch.partition);
        await released;
      }
      commitAll(batch);
    });
    await send(topic, [0]);
    await until(() => slow.size === 1);
    // By their many keys some of these are in the partition beside.
    const others = upTo(20).map((n) => n + 1);
    await send(topic, others, String);
    await until(() => taken.length > 1, SESSION_MS / 2);
    await sleep(SESSION_MS * 1.5);
    await send(topic, [100], () => "k");
    release();
    await until(() => taken.includes("100"));
    expect(taken.map(Number).toSorted((a, b) => a - b)).toEqual([0, ...others, 100]);
  });

  it("asks for no more of a partition than its queue holds", async () => {
    const topic = await topicOf("full", 1);
    await send(topic, upTo(100));
    const { released, release } = hold();
    const taken: number[] = [];
    const { consumer } = await member(
      topic,
      async (batch) => {
        await released;
        taken.push(...batch.records.map((one) => Number(one.value)));
        commitAll(batch);
      },
      { recordsMax: 10 },
    );
    await until(() => consumer.paused().length > 0);
    expect(consumer.paused()).toEqual([{ topic, partitions: [0] }]);
    await send(topic, [100, 101]);
    release();
    await until(() => taken.length >= 102);
    expect(taken).toEqual(upTo(102));
    expect(consumer.paused()).toEqual([]);
  });

  it("commits what its handler has given back, at once and nothing else", async () => {
    const topic = await topicOf("commits", 1);
    let given = 0;
    subscriptions.push(
      await bus.subscribe({
        group: topic,
        topics: [topic],
        from: "earliest",
        recordsMax: 100,
        onBatch: async (batch) => {
          given += batch.records.length;
          if (batch.records.every((one) => Number(one.value) < 10)) commitAll(batch);
        },
        onStopped: () => undefined,
      }),
    );
    const waiting = async () => (await bus.lag(topic, [topic])).get(topic)?.records;
    await send(topic, upTo(10));
    await until(() => given === 10);
    await until(async () => (await waiting()) === 0, 5_000);
    await send(topic, [10, 11]);
    await until(() => given === 12);
    await sleep(1_500);
    expect(await waiting()).toBe(2);
  });

  it("loses nothing and repeats little when another member joins it at work", async () => {
    const topic = await topicOf("joins", 4);
    const taken: string[] = [];
    const subscribe = async (from: typeof bus) =>
      subscriptions.push(
        await from.subscribe({
          group: topic,
          topics: [topic],
          from: "earliest",
          recordsMax: 5,
          onBatch: async (batch) => {
            await sleep(100);
            taken.push(...batch.records.map((one) => one.value));
            commitAll(batch);
          },
          onStopped: () => undefined,
        }),
      );
    await send(topic, upTo(1_200), String);
    await subscribe(bus);
    await until(() => taken.length > 100);
    await subscribe(openBus());
    const before = taken.length;
    await until(async () => (await bus.lag(topic, [topic])).get(topic)?.records === 0);
    expect(before).toBeLessThan(1_000);
    expect(new Set(taken).size).toBe(1_200);
    expect(taken.length - 1_200).toBeLessThan(100);
  });

  it("beats while nothing comes, also without a partition, and no longer when its loop has ended", async () => {
    const topic = await topicOf("beats", 1);
    const first = await member(topic, async () => undefined);
    const second = await member(topic, async () => undefined);
    await sleep(2_500);
    expect(silence(first.subscription)).toBeLessThan(2_000);
    expect(silence(second.subscription)).toBeLessThan(2_000);
    await first.consumer.stop();
    await sleep(2_500);
    expect(silence(first.subscription)).toBeGreaterThan(2_000);
  });

  it("takes over from a member that was killed when its session of ten seconds is over", async () => {
    const topic = await topicOf("killed", 1);
    await send(topic, [1]);
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", MEMBER, brokers.join(), topic, topic],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    const killedAt = Date.now();
    let takenAt: number | undefined;
    subscriptions.push(
      await bus.subscribe({
        group: topic,
        topics: [topic],
        from: "earliest",
        recordsMax: 1,
        onBatch: async () => void (takenAt ??= Date.now()),
        onStopped: () => undefined,
      }),
    );
    await until(() => takenAt !== undefined);
    expect((takenAt ?? Infinity) - killedAt).toBeLessThan(20_000);
  });
});
