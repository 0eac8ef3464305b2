import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, OutgoingRecord } from "@opsdesk/messaging/bus";
import { type KafkaServer, startKafka, temporaryFolder } from "@opsdesk/servers";
import { CLIENTS } from "./clients.ts";

const KEYS = 20;
const LOAD_MS = 24_000;
const KILLED_AT_MS = [4_000, 14_000];
const DOWN_MS = 2_000;
const SETTLED_MS_MAX = 60_000;

describe.each(Object.keys(CLIENTS))("%s while its broker is killed under load", (name) => {
  let kafka: KafkaServer;
  let bus: Bus;
  beforeAll(async () => {
    kafka = await startKafka({ folder: temporaryFolder(), own: true });
    const make = CLIENTS[name];
    if (make === undefined) throw new TypeError(`no client ${name}`);
    bus = make(kafka.brokers, { name: "opsdesk.kill", lingerMs: 3, onTrouble: () => undefined });
  }, 60_000);
  afterAll(async () => {
    await bus.close();
    await kafka.stop();
  });

  it("loses nothing that was acknowledged, keeps the order of each key, and goes on by itself", async () => {
    await bus.ensureTopics([{ name: "kill", partitions: 6 }]);
    const handled = new Map<string, number[]>();
    let stopped: unknown;
    await bus.subscribe({
      group: "kill",
      topics: ["kill"],
      from: "earliest",
      recordsMax: 200,
      async onBatch(batch) {
        for (const { key, value } of batch.records) handled.get(key ?? "")?.push(Number(value));
        batch.commit((batch.records.at(-1)?.offset ?? -1) + 1);
      },
      onStopped: (error) => (stopped = error),
    });

    const end = Date.now() + LOAD_MS;
    const failures = { sends: 0 };
    /** As the relay does: what was not acknowledged is sent again, and nothing overtakes it. */
    const write = async (key: string): Promise<number> => {
      handled.set(key, []);
      let n = 0;
      while (Date.now() < end) {
        const record: OutgoingRecord = { topic: "kill", key, headers: {}, value: String(n) };
        for (;;)
          try {
            await bus.send([record]);
            break;
          } catch {
            failures.sends += 1;
            await sleep(100);
          }
        n += 1;
      }
      return n;
    };
    const keys = Array.from({ length: KEYS }, (_, n) => `k${n}`);
    const [written] = await Promise.all([
      Promise.all(keys.map(write)),
      ...KILLED_AT_MS.map(async (at) => {
        await sleep(at);
        await kafka.kill();
        await sleep(DOWN_MS);
        await kafka.start();
      }),
    ]);

    const settled = Date.now() + SETTLED_MS_MAX;
    const seen = (): number[] => keys.map((key) => new Set(handled.get(key)).size);
    while (seen().join() !== written.join() && Date.now() < settled) await sleep(100);
    expect(stopped).toBeUndefined();
    expect(seen()).toEqual(written);

    const stored = new Map<string, number[]>(keys.map((key) => [key, []]));
    for await (const { key, value } of bus.read({ topic: "kill", from: { offset: 0 } }))
      stored.get(key ?? "")?.push(Number(value));
    // A send that failed may have been stored all the same: its repetition is a record more, never one out of order.
    const repeated = [...stored.values()].flat().length - written.reduce((sum, n) => sum + n);
    for (const values of stored.values()) expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(repeated).toBeLessThanOrEqual(failures.sends);
  }, 180_000);
});
