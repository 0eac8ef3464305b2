import { sql } from "@opsdesk/database";
import { aMessage, counter } from "../fixture/counter.ts";
import { type Harness, startHarness } from "./testing.ts";

const DAY_MS = 86_400_000;
const TOPIC = "ticket.message_added.v1";
const CONSUMER = "console.on-ticket-message-added";
const at = (daysAgo: number): string => new Date(Date.now() - daysAgo * DAY_MS).toISOString();

let desk: Harness;
beforeEach(async () => {
  desk = await startHarness(counter({}), { now: at(40) });
}, 60_000);
afterEach(() => desk.stop());

const seen = async (ticketId: string): Promise<number | undefined> =>
  (await desk.query<{ seen: number }>(sql`select seen from console.counts where ticket_id = ${ticketId}`))[0]?.seen;
const claims = async (): Promise<readonly string[]> =>
  (
    await desk.query<{ id: string }>(
      sql`select event_id as id from console.inbox where consumer = ${CONSUMER} order by claimed_at, event_id`,
    )
  ).map(({ id }) => id);
const floors = async (): Promise<number> => (await desk.query(sql`select 1 from console.inbox_floors`)).length;
const message = (id: string, ticketId: string) => ({ ...aMessage(ticketId, "hello"), id });
/** As if all that Postgres has dated had happened so many days before. */
const age = async (days: number): Promise<void> => {
  await desk.query(sql`update console.inbox set claimed_at = claimed_at - make_interval(days => ${days}::int)`);
  await desk.query(sql`update console.inbox_marks set marked_at = marked_at - make_interval(days => ${days}::int)`);
};
const everybodyKnows = () =>
  desk.query(sql`update console.inbox_floors set raised_at = raised_at - interval '4 hours'`);

/** Marks are made once a day, and one was made at the start. */
async function given40DaysAgo(): Promise<void> {
  await desk.given(message("evt-old", "tkt_old"));
  await age(2);
  await desk.runtime.forget();
  await age(38);
}

/** An event of forty days ago, which is forgotten, and one of today. */
async function forgotten(): Promise<void> {
  await given40DaysAgo();
  desk.setNow(at(0));
  await desk.given(message("evt-new", "tkt_new"));
  await desk.runtime.forget();
  await everybodyKnows();
  await desk.runtime.forget();
}

describe("claims that are old enough", () => {
  it("go, and those within the horizon stay", async () => {
    await forgotten();
    expect(await claims()).toEqual(["evt-new"]);
  });

  it("stay until every process has had the time to learn of the floor", async () => {
    await given40DaysAgo();
    await desk.runtime.forget();
    await desk.runtime.forget();
    expect(await floors()).toBeGreaterThan(0);
    expect(await claims()).toEqual(["evt-old"]);
    await everybodyKnows();
    await desk.runtime.forget();
    expect(await claims()).toEqual([]);
  });

  it("change nothing when their events come again: neither those that are forgotten nor those that are not", async () => {
    await forgotten();
    expect(await claims()).not.toContain("evt-old");
    const { outcomes } = await desk.runtime.replay({
      topic: TOPIC,
      from: { offset: 0 },
      dryRun: false,
      perSecondMax: 1_000,
    });
    expect(outcomes).toMatchObject({ done: 0, duplicate: 2 });
    expect([await seen("tkt_old"), await seen("tkt_new")]).toEqual([1, 1]);
  });

  it("stay while the consumer has not passed what was there then", async () => {
    await desk.given(message("evt-old", "tkt_old"));
    await desk.runtime.forget();
    await age(40);
    await desk.query(sql`update console.inbox_marks set end_offset = end_offset + 1`);
    await desk.runtime.forget();
    await everybodyKnows();
    await desk.runtime.forget();
    expect(await floors()).toBe(0);
    expect(await claims()).toEqual(["evt-old"]);
  });

  it("do not stand in the way of a topic that was made anew", async () => {
    await forgotten();
    await desk.query(sql`update console.inbox_floors set "offset" = 1000`);
    await desk.runtime.forget();
    await desk.given(message("evt-anew", "tkt_anew"));
    expect(await seen("tkt_anew")).toBe(1);
  });
});

it("takes away closed dead letters that are as old, and no open one", async () => {
  await desk.given(aMessage("tkt_open", "reject"), aMessage("tkt_closed", "reject"));
  await desk.query(
    sql`update console.dead_letters set status = 'retried', closed_at = now() - interval '31 days' where key = 'tkt_closed'`,
  );
  await desk.runtime.forget();
  const rows = await desk.query<{ key: string }>(sql`select key from console.dead_letters`);
  expect(rows.map(({ key }) => key)).toEqual(["tkt_open"]);
});
