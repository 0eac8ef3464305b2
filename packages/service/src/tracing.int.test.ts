import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { sql } from "@opsdesk/database";
import { aMessage, busy, counter, type CounterFaults } from "../fixture/counter.ts";
import { type Harness, startHarness } from "./testing.ts";

const SENDER = "b7ad6b7169203331";
const exporter = new InMemorySpanExporter();
const faults: CounterFaults = {};
let desk: Harness;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  desk = await startHarness(counter(faults));
}, 60_000);
afterAll(() => desk.stop());

/** Spans of one ticket's events, by the id of the event that came in. */
async function spansOf(id: string, text: string): Promise<readonly ReadableSpan[]> {
  await desk.bus.send([traced(id, text)]);
  await desk.settle();
  return spansNow(id);
}
const spansNow = (id: string): readonly ReadableSpan[] =>
  exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceOf(id));

/** A trace of its own for each. */
const traceOf = (id: string): string => Buffer.from(id).toString("hex").padEnd(32, "0").slice(0, 32);

function traced(id: string, text: string) {
  const { data, key, type } = { key: id, ...aMessage(id, text) };
  const traceparent = `00-${traceOf(id)}-${SENDER}-01`;
  const envelope = {
    specversion: "1.0",
    id: `evt-${id}`,
    source: "/outside",
    type,
    schemaversion: "1.0",
    time: "2026-01-01T00:00:00Z",
    datacontenttype: "application/json",
    correlationid: `cor-${id}`,
    idempotencykey: id,
    tenantid: "it-helpdesk",
    traceparent,
    data,
  };
  return { topic: `${type}.v1`, key, headers: { traceparent }, value: JSON.stringify(envelope) };
}

const named = (spans: readonly ReadableSpan[], name: string): readonly ReadableSpan[] =>
  spans.filter((span) => span.name === name);

describe("tracing with an outbox", () => {
  it("goes from the event through the job to what the job publishes", async () => {
    const spans = await spansOf("tkt_a", "work");
    const [processed] = named(spans, "process ticket.message_added.v1");
    const [worked] = named(spans, "count.work");
    expect(processed?.parentSpanContext?.spanId).toBe(SENDER);
    expect(processed?.attributes).toMatchObject({
      "messaging.system": "opsdesk_memory",
      "messaging.message.id": "evt-tkt_a",
      "messaging.message.conversation_id": "cor-tkt_a",
      "messaging.consumer.group.name": "opsdesk.console",
      "opsdesk.outcome": "done",
    });
    expect(worked?.parentSpanContext?.spanId).toBe(processed?.spanContext().spanId);
    const events = (await desk.published()).filter(({ traceparent }) => traceparent?.includes(traceOf("tkt_a")));
    const sent = named(spans, "send ai.run.recorded.v1").map((span) => span.spanContext().spanId);
    expect(
      events.map(({ traceparent }) => traceparent?.split("-")[2]).toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1)),
    ).toEqual(sent.toSorted());
  });

  it("shows every attempt of a job as a sibling, with why it failed", async () => {
    faults.job = (_ticketId, attempt) => {
      if (attempt === 0) throw busy();
    };
    await spansOf("tkt_b", "work");
    for (const until = Date.now() + 15_000; named(spansNow("tkt_b"), "count.work").length < 2;) {
      if (Date.now() > until) throw new Error("the job was not tried again");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    delete faults.job;
    const attempts = named(spansNow("tkt_b"), "count.work");
    expect(attempts.map(({ attributes }) => [attributes["opsdesk.outcome"], attributes["error.type"]])).toEqual([
      ["retried", "peer_busy"],
      ["done", undefined],
    ]);
    expect(new Set(attempts.map((span) => span.parentSpanContext?.spanId)).size).toBe(1);
  }, 30_000);

  it("gives what is parked the code of its dead letter, and no message", async () => {
    const spans = await spansOf("tkt_c", "reject");
    expect(named(spans, "process ticket.message_added.v1")[0]).toMatchObject({
      attributes: { "opsdesk.outcome": "rejected", "error.type": expect.any(String) },
      status: { code: 2 },
    });
    expect(named(spans, "send dead_letter.parked.v1")).toHaveLength(1);
    for (const span of spans) expect(span.status.message).toBeUndefined();
  });

  it("shows what the relay sends, after a crash, as the child of whatever made it", async () => {
    const { topic, key, headers, value } = traced("tkt_g", "hello");
    await desk.query(
      sql`insert into console.outbox (cause_id, topic, key, headers, value) values ('c', ${topic}, ${key}, ${JSON.stringify({ ...headers, ce_id: "evt-tkt_g" })}::jsonb, ${value})`,
    );
    await desk.settle();
    const [relayed] = named(spansNow("tkt_g"), "send ticket.message_added.v1");
    expect(relayed?.attributes).toMatchObject({ "opsdesk.relayed": true, "messaging.message.id": "evt-tkt_g" });
    expect(relayed?.parentSpanContext?.spanId).toBe(SENDER);
    expect(named(spansNow("tkt_g"), "process ticket.message_added.v1")).toHaveLength(1);
  }, 20_000);

  it("links a batch to each of its events", async () => {
    const before = exporter.getFinishedSpans().length;
    await desk.bus.send(["tkt_d", "tkt_e", "tkt_f"].map((id) => traced(id, "hello")));
    await desk.settle();
    const batches = exporter
      .getFinishedSpans()
      .slice(before)
      .filter((span) => span.name === "poll ticket.message_added.v1");
    expect(batches.flatMap((span) => span.links.map((link) => link.context.traceId)).toSorted()).toEqual(
      ["tkt_d", "tkt_e", "tkt_f"].map(traceOf).toSorted(),
    );
  });
});
