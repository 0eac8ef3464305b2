import { sql } from "@opsdesk/database";
import { validExamples } from "@opsdesk/schemas/examples";
import { aMessage, busy, counter, type CounterFaults } from "../fixture/counter.ts";
import { type Harness, startHarness } from "./testing.ts";

const faults: CounterFaults = {};
let desk: Harness;
beforeAll(async () => {
  desk = await startHarness(counter(faults));
}, 60_000);
afterAll(() => desk.stop());

const count = async (ticketId: string) =>
  (
    await desk.query<{ seen: number; worked: number }>(
      sql`select seen, worked from console.counts where ticket_id = ${ticketId}`,
    )
  )[0];

const anEnvelope = (ticketId: string, text: string) => ({
  ...aMessage(ticketId, text),
  specversion: "1.0",
  id: `evt-${ticketId}`,
  source: "/outside",
  schemaversion: "1.0",
  time: "2026-01-01T00:00:00Z",
  datacontenttype: "application/json",
  correlationid: "c",
  idempotencykey: "i",
  tenantid: "it-helpdesk",
});

describe("a service's runtime", () => {
  it("folds several events of one ticket in a batch into one row, in order", async () => {
    await desk.given(...[1, 2, 3, 4, 5].map((version) => aMessage("tkt_fold", "hello", version)));
    expect(await count("tkt_fold")).toMatchObject({ seen: 5 });
    const runs = (await desk.published<{ ticketId: string; run: { inputTokens: number } }>("ai.run.recorded")).filter(
      (e) => e.data.ticketId === "tkt_fold",
    );
    expect(runs.map((event) => event.data.run.inputTokens)).toEqual([1, 2, 3, 4, 5]);
  });

  it("applies a redelivered event once", async () => {
    const again = { ...aMessage("tkt_twice", "hello"), id: "evt-twice" };
    await desk.given(again, again);
    await desk.given(again);
    expect(await count("tkt_twice")).toMatchObject({ seen: 1 });
  });

  it("runs a job from memory and applies it once", async () => {
    await desk.given(aMessage("tkt_work", "work"));
    expect(await count("tkt_work")).toEqual({ seen: 1, worked: 1 });
  });

  it("tries a job again after a passing failure, and records one that never works", async () => {
    faults.job = (ticketId, attempt) => {
      if (ticketId === "tkt_retry" && attempt < 2) throw busy();
      if (ticketId === "tkt_fails") throw busy();
    };
    await desk.given(aMessage("tkt_retry", "work"), aMessage("tkt_fails", "work"));
    await waitFor(async () => (await count("tkt_retry"))?.worked === 1);
    await waitFor(async () =>
      (await desk.published<{ ticketId: string; run: { outcome: string } }>("ai.run.recorded")).some(
        (e) => e.data.ticketId === "tkt_fails" && e.data.run.outcome === "failed",
      ),
    );
    expect(await count("tkt_fails")).toMatchObject({ worked: 0 });
    delete faults.job;
  });

  it("records as failed a job whose effects always collide with a row that it does not look for", async () => {
    const runs: number[] = [];
    faults.job = (ticketId, attempt) => void (ticketId === "tkt_collides" && runs.push(attempt));
    await desk.given(aMessage("tkt_collides", "work", 1), aMessage("tkt_collides", "hello", 2));
    await waitFor(async () =>
      (await desk.published<{ ticketId: string; run: { outcome: string; reason: string } }>("ai.run.recorded")).some(
        ({ data }) =>
          data.ticketId === "tkt_collides" && data.run.outcome === "failed" && /counts_pkey/.test(data.run.reason),
      ),
    );
    expect(runs).toEqual([0, 0, 0, 0]);
    expect(await desk.runtime.idle()).toBe(true);
    expect(await count("tkt_collides")).toEqual({ seen: 2, worked: 0 });
    delete faults.job;
  });

  it("parks what can never work and goes on with what follows", async () => {
    await desk.given(aMessage("tkt_a", "reject"), aMessage("tkt_b", "throw"), aMessage("tkt_c", "hello"));
    expect(await count("tkt_c")).toMatchObject({ seen: 1 });
    const { items } = await desk.runtime.deadLetters.list({ limit: 10 });
    expect(items.map((item) => item.code).sort()).toEqual(["asked_to", "handler_failed"]);
    expect((await desk.published("dead_letter.parked")).length).toBe(2);
  });

  it("runs the handler on a corrected record, publishes none, and parks that one if it fails as well", async () => {
    await desk.given(aMessage("tkt_edit", "reject"));
    const letterOf = async (status: "open" | "replaced") =>
      (await desk.runtime.deadLetters.list({ limit: 10, status })).items.find(({ key }) => key === "tkt_edit");
    const letter = await letterOf("open");
    const { value } = await desk.runtime.deadLetters.show(letter?.id ?? "");
    const before = (await desk.published("ticket.message_added")).length;
    const corrected = (text: string) => JSON.parse((value ?? "").replace('"reject"', JSON.stringify(text))) as object;

    const failed = await desk.runtime.deadLetters.replace(letter?.id ?? "", { ...corrected("throw") });
    expect(failed).toMatchObject({ status: "rejected" });
    expect(await letterOf("replaced")).toMatchObject({ id: letter?.id, replacedBy: failed.eventId });
    const second = await letterOf("open");
    expect(second).toMatchObject({ eventId: failed.eventId, code: "handler_failed" });

    expect(await desk.runtime.deadLetters.replace(second?.id ?? "", { ...corrected("hello") })).toMatchObject({
      status: "done",
    });
    expect(await count("tkt_edit")).toMatchObject({ seen: 1 });
    expect(await letterOf("open")).toBeUndefined();
    expect(await desk.published("ticket.message_added")).toHaveLength(before);
  });

  it("parks what collides with a row that its decision does not look for, and goes on", async () => {
    await desk.given(aMessage("tkt_collide", "collide"), aMessage("tkt_clear", "hello"));
    expect(await count("tkt_clear")).toMatchObject({ seen: 1 });
    expect(await count("tkt_collide")).toBeUndefined();
    const { items } = await desk.runtime.deadLetters.list({ limit: 10, code: "handler_failed" });
    expect(items.map((item) => item.message)).toContainEqual(expect.stringContaining("counts_pkey"));
  });

  it("keeps an event that waits, and whatever is behind it, in order, and parks it when it has waited too long", async () => {
    await desk.given(aMessage("tkt_wait", "wait", 1), aMessage("tkt_wait", "hello", 2));
    expect(await count("tkt_wait")).toBeUndefined();
    await waitFor(async () => (await count("tkt_wait"))?.seen === 1);
    const { items } = await desk.runtime.deadLetters.list({ limit: 10, code: "deferred_too_long" });
    expect(items).toHaveLength(1);
  });

  it("looks again at once at an event whose wait was over before it was written down", async () => {
    let decided = 0;
    faults.beforeDecide = () => void (decided += 1);
    faults.afterLoad = async () => {
      delete faults.afterLoad;
      const [desks] = validExamples("desk.configured");
      await desk.bus.send([
        {
          topic: "desk.configured.v1",
          key: "k",
          headers: {},
          value: JSON.stringify({ ...desks?.event, id: "evt-desk" }),
        },
      ]);
      await waitFor(
        async () => (await desk.query(sql`select from console.inbox where event_id = 'evt-desk'`)).length === 1,
      );
    };
    await desk.given(aMessage("tkt_woken", "wait long"));
    await waitFor(() => Promise.resolve(decided === 2));
    delete faults.beforeDecide;
  });

  it("looks again at once at an event that came to wait behind another while that one ended", async () => {
    await desk.given(aMessage("tkt_late", "wait", 1));
    let loads = 0;
    faults.afterLoad = async () => {
      // The second time it has been seen that an earlier event waits, and not yet written down that this one does too.
      if ((loads += 1) !== 2) return;
      await waitFor(
        async () => (await desk.query(sql`select from console.deferred_events where key = 'tkt_late'`)).length === 0,
      );
    };
    await desk.given(aMessage("tkt_late", "hello", 2));
    delete faults.afterLoad;
    await waitFor(async () => (await count("tkt_late"))?.seen === 1);
  });

  it("parks a record that nobody can read under its place in the log", async () => {
    await desk.bus.send([{ topic: "ticket.message_added.v1", key: "k", headers: {}, value: "not json" }]);
    await desk.given(aMessage("tkt_after", "hello"));
    expect(await count("tkt_after")).toMatchObject({ seen: 1 });
    const { items } = await desk.runtime.deadLetters.list({ limit: 10, code: "record_undecodable" });
    expect(items).toHaveLength(1);
  });

  it("parks a record whose own id cannot be told in an event, and goes on", async () => {
    await desk.bus.send([
      {
        topic: "ticket.message_added.v1",
        key: "k",
        headers: {},
        value: JSON.stringify({ id: "", type: "ticket.message_added" }),
      },
    ]);
    await desk.given(aMessage("tkt_after_empty_id", "hello"));
    expect(await count("tkt_after_empty_id")).toMatchObject({ seen: 1 });
  });

  it("parks a record whose identity cannot be stored, whatever its key and headers hold, and goes on", async () => {
    const value = (id: string) => JSON.stringify({ ...anEnvelope("tkt_unstorable", "hello"), id });
    for (const [id, key] of [
      ["a\0b", "k"],
      ["\uD800", "k\0"],
      ["fine", "k".repeat(20_000)],
      ["", Array.from({ length: 2_000 }, (_, i) => i.toString(36)).join("\uD800")],
    ] as const)
      await desk.bus.send([
        { topic: "ticket.message_added.v1", key, headers: { "x\0": "a\0b" }, value: id === "fine" ? "{" : value(id) },
      ]);
    await desk.given(aMessage("tkt_after_unstorable", "hello"));
    expect(await count("tkt_after_unstorable")).toMatchObject({ seen: 1 });
    const { items } = await desk.runtime.deadLetters.list({ limit: 100 });
    expect(items.filter(({ message }) => message.includes("NUL"))).toHaveLength(2);
  });

  it("keeps waiting what came with a key that fits no index", async () => {
    const key = Array.from({ length: 5_000 }, (_, i) => (i * 7_919).toString(36)).join("");
    const event = { ...anEnvelope("tkt_long_key", "wait"), id: "evt-long-key" };
    await desk.bus.send([{ topic: "ticket.message_added.v1", key, headers: {}, value: JSON.stringify(event) }]);
    await desk.settle();
    const waiting = await desk.query(sql`select from console.deferred_events where event_id = 'evt-long-key'`);
    expect(waiting).toHaveLength(1);
  });

  it("answers an offered input after commit, a repeat as duplicate, and a refusal without a trace", async () => {
    const input = {
      handler: "on-ticket-message-added",
      type: "ticket.message_added" as const,
      tenant: "it-helpdesk",
      source: "test",
      key: "tkt_offer",
      data: aMessage("tkt_offer", "hello").data,
      idempotencyKey: "offer-1",
    };
    expect(await desk.offer(input)).toMatchObject({ status: "done", reply: 1 });
    expect(await desk.offer(input)).toMatchObject({ status: "duplicate" });
    expect(
      await desk.offer({ ...input, idempotencyKey: "offer-2", data: aMessage("tkt_offer", "reject").data }),
    ).toMatchObject({ status: "rejected", code: "asked_to" });
    expect(await count("tkt_offer")).toMatchObject({ seen: 1 });
  });
});

async function waitFor(what: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > until) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
