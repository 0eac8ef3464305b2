import { sql } from "@opsdesk/database";
import type { Bus, OutgoingRecord } from "@opsdesk/messaging/bus";
import { aMessage, counter } from "../fixture/counter.ts";
import { type Harness, startHarness } from "./testing.ts";

/** A broker that has taken records and does not say so until it is let. */
let answer: (() => void) | undefined;
let answered: Promise<void> = Promise.resolve();
const sent: OutgoingRecord[] = [];
const hold = (): void => {
  answered = new Promise((resolve) => (answer = resolve));
};

const slow = (bus: Bus): Bus => ({
  ...bus,
  async send(records) {
    sent.push(...records);
    await answered;
    await bus.send(records);
  },
});

let desk: Harness;
let stopped = false;
beforeAll(async () => {
  desk = await startHarness(counter(), { between: slow });
  // Until the relay has looked once, all is its own.
  await desk.given(aMessage("tkt_first", "hello"));
}, 60_000);
afterAll(() => (stopped ? undefined : desk.stop()));
beforeEach(() => void sent.splice(0));

const offer = (ticketId: string) =>
  desk.offer({
    ...aMessage(ticketId, "hello"),
    handler: "on-ticket-message-added",
    tenant: "it-helpdesk",
    source: "/opsdesk/http",
    key: ticketId,
    idempotencyKey: ticketId,
  });

describe("while the broker does not answer", () => {
  it("answers whoever asks by HTTP as soon as the effects are safe, also for the second time", async () => {
    hold();
    expect(await offer("tkt_asks")).toMatchObject({ status: "done", reply: 1 });
    expect(await offer("tkt_asks")).toMatchObject({ status: "duplicate" });
    answer?.();
    await desk.settle();
    expect(await desk.published("ai.run.recorded")).toHaveLength(2);
  });

  it("gives it nothing a second time from the outbox", async () => {
    hold();
    await offer("tkt_old");
    await offer("tkt_older");
    // Old enough for the relay, which looks every second.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    answer?.();
    await desk.settle();
    expect(sent.map(({ key }) => key)).toEqual(["it-helpdesk", "it-helpdesk"]);
  });

  it("ends only when what it has in hand is published", async () => {
    hold();
    await offer("tkt_last");
    stopped = true;
    let ended = false;
    const end = desk.runtime.stop().then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(ended).toBe(false);
    answer?.();
    await end;
    expect(await desk.query(sql`select 1 as one from console.outbox`)).toEqual([]);
    await desk.stop();
  });
});
