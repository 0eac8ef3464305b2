import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import { RejectedError } from "@opsdesk/errors";
import { createLog } from "./log.ts";

const lines: string[] = [];
const log = createLog("trace", { write: (line: string) => void lines.push(line) });
const told = (error: unknown): Record<string, unknown> => {
  log.warn({ err: error }, "told");
  return (JSON.parse(lines.at(-1) ?? "{}") as { err: Record<string, unknown> }).err;
};
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("a log line", () => {
  it("says which trace it belongs to, where there is one", () => {
    log.info("before");
    expect(lines.at(-1)).not.toContain("trace_id");
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const span = new TracerProvider().getTracer("test").startSpan("one");
    context.with(trace.setSpan(context.active(), span), () => log.child({ service: "triage" }).info("within"));
    const { traceId, spanId } = span.spanContext();
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ trace_id: traceId, span_id: spanId, service: "triage" });
    context.disable();
  });

  it("has an error's type, code, message and frames", () => {
    const error = told(new RejectedError("port_in_use", "port 4100 is taken"));
    expect(error).toMatchObject({ type: "RejectedError", code: "port_in_use", message: "port 4100 is taken" });
    expect(error["stack"]).toMatch(/^\s+at /);
  });

  it("has nothing of what an error quotes, in its message, its stack or its causes", () => {
    const parsed = thrownBy(() => JSON.parse("Dear desk, my password is hunter2") as unknown);
    const stored = Object.assign(new Error(`invalid input syntax for type json: "my password is hunter2"`), {
      detail: "Token hunter2 is invalid.",
      where: "JSON data, line 1: hunter2",
      parameters: ["hunter2"],
    });
    const sent = new Error("550 mailbox of <maya.patel@northgate.example> is full, said 'hunter2'");
    for (const error of [parsed, stored, sent, new Error("failed", { cause: stored }), "said `hunter2`"]) {
      told(error);
      expect(lines.at(-1)).not.toMatch(/hunter2|maya\.patel/);
    }
  });

  it("keeps a word with an apostrophe", () => {
    expect(told(new Error("the desk's queue doesn't answer"))).toMatchObject({
      message: "the desk's queue doesn't answer",
    });
  });
});
