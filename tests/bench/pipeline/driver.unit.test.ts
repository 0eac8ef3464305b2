import { setTimeout as sleep } from "node:timers/promises";
import { Driver, type Hooks } from "./driver.ts";
import type { Pipeline, Ticket } from "./system.ts";

const MS = 10;
const hooks: Hooks = { begin: () => Promise.resolve(), end: () => Promise.resolve() };
const ticket = (n: number): Ticket => ({ id: `tkt_${n}`, text: "" });

/** Takes ten milliseconds a ticket, any number at once; tells each twice, as what is redelivered is. */
function aPipeline(): { pipeline: Pipeline; driver: Driver; seen: string[]; most: () => number } {
  const driver = new Driver(ticket, 1);
  const seen: string[] = [];
  const waiting: Ticket[] = [];
  let running = false;
  let inside = 0;
  let most = 0;
  const take = ({ id }: Ticket): void => {
    setTimeout(() => {
      inside -= 1;
      driver.done(id);
      driver.done(id);
    }, MS);
  };
  const pipeline: Pipeline = {
    submit: async (tickets) => {
      for (const one of tickets) {
        seen.push(one.id);
        most = Math.max(most, (inside += 1));
        if (running) take(one);
        else waiting.push(one);
      }
      await sleep(0);
    },
    run: () => {
      running = true;
      for (const one of waiting.splice(0)) take(one);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
  };
  return { pipeline, driver, seen, most: () => most };
}

it("keeps as many tickets on their way as it is asked to, and counts each once", async () => {
  const { driver, most, pipeline, seen } = aPipeline();
  await pipeline.run();
  const measured = await driver.measure(pipeline, { kind: "closed", inFlight: 3, seconds: 0.5 }, 0.1, hooks);
  expect(most()).toBe(3);
  expect(new Set(seen).size).toBe(seen.length);
  expect(measured.tickets).toBeLessThan(seen.length);
  expect(measured.tickets).toBeGreaterThan(10);
  expect(measured.p50Ms).toBeGreaterThanOrEqual(MS - 1);
  expect(driver.next).toBe(seen.length + 1);
});

it("times a backlog from the start of the steps", async () => {
  const { driver, pipeline, seen } = aPipeline();
  const measured = await driver.measure(pipeline, { kind: "backlog", tickets: 450 }, 0, hooks);
  expect(seen).toHaveLength(450);
  expect(measured.tickets).toBe(450);
});

it("gives an open load as many a second as it is asked to, and times them from when they were due", async () => {
  const { driver, pipeline, seen } = aPipeline();
  const { submit } = pipeline;
  let late = true;
  // The first submission holds up what comes after it.
  const slow: Pipeline = {
    ...pipeline,
    submit: async (tickets) => {
      if (late) {
        late = false;
        const end = performance.now() + 200;
        while (performance.now() < end);
      }
      await submit(tickets);
    },
  };
  await pipeline.run();
  const measured = await driver.measure(slow, { kind: "open", share: 0.5, perSecond: 100, seconds: 0.6 }, 0, hooks);
  expect(seen.length).toBeGreaterThan(20);
  expect(seen.length).toBeLessThanOrEqual(61);
  expect(measured.p99Ms).toBeGreaterThan(100);
});
