import type { SubscribeOptions } from "@opsdesk/messaging/bus";
import { aMessage, counter, type CounterFaults } from "../fixture/counter.ts";
import { mountHealth } from "./health.ts";
import type { App } from "./http.ts";
import { createLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { createServer } from "./server.ts";
import { type Harness, startHarness } from "./testing.ts";

const faults: CounterFaults = {};
const subscribed: SubscribeOptions[] = [];
const servers = { database: true, bus: true };
const broker = { refuses: false };
let desk: Harness;
let app: App;
/** Lets the handler go that a test holds up. */
let release = (): void => undefined;
/** Of the clock that liveness looks at. */
let now = 0;

beforeAll(async () => {
  desk = await startHarness(counter(faults), {
    between: (bus) => ({
      ...bus,
      subscribe(options) {
        subscribed.push(options);
        return bus.subscribe(options);
      },
      send: (records) => (broker.refuses ? Promise.reject(new Error("not now")) : bus.send(records)),
    }),
  });
  app = await createServer({ log: createLog("silent"), version: "test" });
  mountHealth(
    app,
    { clock: { now: () => now }, metrics: new Metrics(), reachable: () => Promise.resolve(servers) },
    [{ name: "analytics", runtime: desk.runtime }],
    { accepting: () => true },
  );
  await app.ready();
}, 60_000);
afterAll(async () => {
  release();
  await app.close();
  await desk.stop();
});

const livez = async () => {
  const answer = await app.inject({ url: "/livez" });
  return [answer.statusCode, answer.json<{ stuck: string[] }>().stuck];
};
const LIVE = [200, []];
const STUCK = [503, ["analytics"]];

/** The tests build upon each other: the last one's loop stays dead. */
describe("liveness", () => {
  it("holds while loops turn, though nothing comes", async () => {
    const startedAt = Date.now();
    while (desk.runtime.beatAt() < startedAt) await new Promise((resolve) => setTimeout(resolve, 50));
    now = desk.runtime.beatAt() + 20_000;
    expect(await livez()).toEqual(LIVE);
  });

  it("ends within thirty seconds of a handler's last sign, unless a server is what it waits for", async () => {
    const released = new Promise<void>((resolve) => (release = resolve));
    const hanging = new Promise<number>((hangs) => {
      faults.afterLoad = () => {
        hangs(Date.now());
        return released;
      };
    });
    const given = desk.given(aMessage("tkt_hangs", "hello"));
    const since = await hanging;
    // Long enough for every other loop to have turned.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    now = since + 20_000;
    expect(await livez()).toEqual(LIVE);
    now = since + 30_000;
    expect(await livez()).toEqual(STUCK);

    servers.database = false;
    expect(await livez()).toEqual(LIVE);
    servers.database = true;
    now += 20_000;
    expect(await livez()).toEqual(LIVE);
    now += 10_000;
    expect(await livez()).toEqual(STUCK);

    delete faults.afterLoad;
    release();
    await given;
    now = Date.now();
    expect(await livez()).toEqual(LIVE);
  });

  it("holds while a handler's events cannot be published, whatever the bus answers", async () => {
    broker.refuses = true;
    const given = desk.given(aMessage("tkt_unpublished", "hello"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const since = Date.now();
    while (desk.runtime.beatAt() < since) await new Promise((resolve) => setTimeout(resolve, 50));
    now = since + 25_000;
    expect(await livez()).toEqual(LIVE);
    broker.refuses = false;
    await given;
  });

  it("ends at once with a loop that has stopped, whatever the servers do", async () => {
    servers.bus = false;
    subscribed[0]?.onStopped(new Error("the consumer crashed"));
    expect(await livez()).toEqual(STUCK);
  });
});
