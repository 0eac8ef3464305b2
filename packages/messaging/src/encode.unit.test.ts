import { randomBytes } from "node:crypto";
import { trace } from "@opentelemetry/api";
import { validExamples } from "@opsdesk/schemas/examples";
import { prepareEvent } from "./encode.ts";

const INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const cause = { id: "evt", key: "evt", tenant: "it-helpdesk", correlationId: "cor", traceparent: INCOMING };
const [example] = validExamples("ticket.changed");
const prepared = () =>
  prepareEvent(
    "ingest",
    cause,
    { type: "ticket.changed", key: "tkt", data: example?.event.data },
    "2026-01-01T00:00:00.000Z",
  );

describe("an event's traceparent", () => {
  afterEach(() => trace.disable());

  it("is the one that came in where nothing is traced", () => {
    const { envelope, record } = prepared();
    expect([envelope.traceparent, record.headers["traceparent"]]).toEqual([INCOMING, INCOMING]);
  });

  it("is of the span that sends it where an SDK runs, in envelope and header, and its id stays the same", () => {
    const untraced = prepared().envelope.id;
    const started: string[] = [];
    trace.setGlobalTracerProvider({
      getTracer: () => ({
        startSpan: (name: string) => {
          started.push(name);
          const spanId = randomBytes(8).toString("hex");
          return trace.wrapSpanContext({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId, traceFlags: 1 });
        },
        startActiveSpan: () => {
          throw new Error("not used");
        },
      }),
    });
    const [one, two] = [prepared(), prepared()];
    expect(started).toEqual(["send ticket.changed.v1", "send ticket.changed.v1"]);
    expect([one.envelope.id, two.envelope.id]).toEqual([untraced, untraced]);
    expect(one.envelope.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(one.envelope.traceparent).not.toBe(INCOMING);
    expect(one.record.headers["traceparent"]).toBe(one.envelope.traceparent);
    expect(two.envelope.traceparent).not.toBe(one.envelope.traceparent);
  });
});
