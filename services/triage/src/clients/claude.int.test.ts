import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { RejectedError, TransientError } from "@opsdesk/errors";
import { createLog } from "@opsdesk/service/log";
import { questions } from "../decide/questions.ts";
import { readDraft, readTriage } from "../jobs/model-output.ts";
import { aDraftInput, aTriageInput, anEvidence } from "../testing/given.ts";
import { type Manner, type ModelEndpoint, type Reply, startModelEndpoint } from "../testing/model-endpoint.ts";
import { usageOf } from "./claude-models.ts";
import { type ClaudeOptions, claude } from "./claude.ts";

const KEY = "sk-secret-of-this-test";
const TIMEOUT_MS = 300;
const never = new AbortController().signal;

let endpoint: ModelEndpoint;
beforeEach(async () => {
  endpoint = await startModelEndpoint();
});
afterEach(() => endpoint.close());

const model = (options: Partial<ClaudeOptions> = {}) =>
  claude({ model: "claude-haiku-5-5", apiKey: KEY, baseUrl: endpoint.url, timeoutMs: 10_000, ...options }, questions);
const replies = (reply: Reply): void => void (endpoint.reply = () => reply);

async function failure(asking: Promise<unknown>): Promise<TransientError | RejectedError> {
  const error = await asking.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof TransientError || error instanceof RejectedError) return error;
  throw new Error("it did not fail as the port says", { cause: error });
}

describe("claude", () => {
  it("answers in the port's form, for what it cost", async () => {
    const { output, refusal, usage } = await model().triage(aTriageInput(), never);
    expect(refusal).toBeUndefined();
    expect(readTriage(output)).toMatchObject({ outcome: "triaged", categoryId: "network", language: "en" });
    expect(usage.inputTokens).toBeGreaterThan(300);
    expect(usage.costMicros).toBeGreaterThan(0);
    const drafted = await model().draft(aDraftInput(), never);
    expect(readDraft(drafted.output)).toMatchObject({
      outcome: "chosen",
      templateId: "wifi-drops",
      quotes: [{ slot: "likely_cause", chunkId: "chk_1" }],
    });
  });

  it("sends the desk's lists first, to be kept, and the same bytes for the same enquiry", async () => {
    const first = await model().triage(aTriageInput(), never);
    const body = endpoint.last()?.body ?? "";
    expect(JSON.parse(body)).toMatchObject({
      model: "claude-haiku-5-5",
      system: [{ cache_control: { type: "ephemeral" } }],
      output_config: { effort: "low", format: { type: "json_schema", schema: { additionalProperties: false } } },
    });
    expect(endpoint.last()?.headers).toMatchObject({ authorization: `Bearer ${KEY}` });
    const again = await model().triage(aTriageInput(), never);
    expect(endpoint.last()?.body).toBe(body);
    expect(again.sent).toBe(first.sent);
    const other = await model().triage(aTriageInput({ text: "The printer is jammed." }), never);
    expect(other.sent).not.toBe(first.sent);
    expect(endpoint.last()?.system).toBe((JSON.parse(body) as { system: [{ text: string }] }).system[0].text);
  });

  it.each([
    ["model_truncated", "max_tokens", '{"verdict":"tri'],
    ["model_truncated", "model_context_window_exceeded", undefined],
    ["model_declined", "refusal", undefined],
    ["output_invalid", "tool_use", "{}"],
  ])("is paid for what ends as %s (%s)", async (refusal, stopReason, text) => {
    replies({ stopReason, ...(text === undefined ? {} : { text }) });
    const answer = await model().triage(aTriageInput(), never);
    expect(answer).toMatchObject({ refusal, output: text ?? null });
    expect(answer.usage.costMicros).toBeGreaterThan(0);
  });

  it.each(["no JSON", "[]", '{"verdict":"triaged"}', '{"verdict":"certain","categoryId":"network"}'])(
    "hands on %p as it is, to be refused and recorded",
    async (text) => {
      replies({ text });
      const { output, usage } = await model().triage(aTriageInput(), never);
      expect(readTriage(output)).toBeUndefined();
      expect(usage.outputTokens).toBeGreaterThan(0);
    },
  );

  it.each([
    [429, "model_unavailable", TransientError],
    [529, "model_unavailable", TransientError],
    [500, "model_unavailable", TransientError],
    [408, "model_unavailable", TransientError],
    [400, "model_request_refused", RejectedError],
    [413, "model_request_refused", RejectedError],
    [401, "model_access_denied", RejectedError],
    [403, "model_access_denied", RejectedError],
    [404, "model_unknown", RejectedError],
  ])("takes status %i as %s, asks once, and tells neither key nor question", async (status, code, kind) => {
    const secret = "The Wi-Fi drops every day. " + KEY;
    replies({
      status,
      body: JSON.stringify({ type: "error", error: { type: "some_error", message: secret } }),
    });
    const error = await failure(model().triage(aTriageInput(), never));
    expect(error).toBeInstanceOf(kind);
    expect(error.code).toBe(code);
    expect(error.cause).toBeUndefined();
    expect(error.message).toContain(`${status} (type some_error, request req_test)`);
    expect(endpoint.asked()).toBe(1);
    const lines: string[] = [];
    createLog("trace", { write: (line) => void lines.push(line) }).warn({ err: error }, "failed");
    expect(lines.join("")).toContain(code);
    expect(lines.join("")).not.toMatch(/sk-secret|drops every day/);
  });

  it.each<Manner>(["hanging", "dripping"])("gives an endpoint that is %s up in time", async (manner) => {
    endpoint.manner = manner;
    const from = performance.now();
    expect(await failure(model({ timeoutMs: TIMEOUT_MS }).triage(aTriageInput(), never))).toMatchObject({
      code: "model_unavailable",
    });
    expect(performance.now() - from).toBeLessThan(TIMEOUT_MS * 10);
  });

  it("ends when the job's time is over", async () => {
    endpoint.manner = "hanging";
    const asking = model({ timeoutMs: 20_000 }).triage(aTriageInput(), AbortSignal.timeout(50));
    expect(await failure(asking)).toMatchObject({ code: "model_unavailable" });
  });

  it("tells no words that an endpoint puts where its word for a failure belongs", async () => {
    const type = "The Wi-Fi drops every day.";
    replies({ status: 400, body: JSON.stringify({ type: "error", error: { type, message: type } }) });
    expect((await failure(model().triage(aTriageInput(), never))).message).toContain("(type none, request req_test)");
  });

  it("sends nothing to where an endpoint points", async () => {
    const elsewhere = await startModelEndpoint();
    replies({ status: 307, location: `${elsewhere.url}/v1/messages`, body: "{}" });
    expect(await failure(model().triage(aTriageInput(), never))).toMatchObject({ code: "model_unavailable" });
    expect(elsewhere.asked()).toBe(0);
    await elsewhere.close();
  });

  it.each([
    ["claude-haiku-5-5", 325],
    ["claude-sonnet-5-5", 6_500],
    ["claude-opus-5-5", 13_000],
  ] as const)("counts what %s read and wrote, and what the provider's cache saves", (name, costMicros) => {
    const tokens = {
      input_tokens: 800,
      output_tokens: 400,
      cache_creation_input_tokens: 80,
      cache_read_input_tokens: 3_500,
    };
    expect(usageOf(name, tokens)).toEqual({ inputTokens: 4_380, outputTokens: 400, costMicros });
  });

  it("takes refused connections and a proxy's page as unavailable", async () => {
    replies({ body: "<html>not today</html>" });
    expect(await failure(model().triage(aTriageInput(), never))).toMatchObject({ code: "model_unavailable" });
    replies({ body: '{"type":"message"}' });
    expect(await failure(model().triage(aTriageInput(), never))).toMatchObject({ code: "model_unavailable" });
    await endpoint.close();
    expect(await failure(model().triage(aTriageInput(), never))).toMatchObject({ code: "model_unavailable" });
  });

  it("holds no ticket at an endpoint that hangs once it has hung for five, and asks again when it works", async () => {
    endpoint.manner = "hanging";
    const asking = model({ timeoutMs: 1_000, probeAfterMs: 1_500 });
    const ask = () => asking.triage(aTriageInput(), never);
    await Promise.all(Array.from({ length: 50 }, () => failure(ask())));
    expect(endpoint.asked()).toBe(50);
    await Promise.all(Array.from({ length: 200 }, () => failure(ask())));
    expect(endpoint.asked()).toBe(50);

    // One looks; the others do not wait for it.
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    let looked = false;
    const looking = failure(ask()).then(() => (looked = true));
    await Promise.all(Array.from({ length: 50 }, () => failure(ask())));
    expect(looked).toBe(false);
    await looking;
    expect(endpoint.asked()).toBe(51);

    endpoint.manner = "well";
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(await ask()).toMatchObject({ output: { categoryId: "network" } });
    expect(await Promise.all(Array.from({ length: 10 }, ask))).toHaveLength(10);
  }, 20_000);

  it("goes on asking an endpoint that refuses what it is asked: it works", async () => {
    replies({ status: 400, body: "{}" });
    const asking = model();
    for (let n = 0; n < 12; n += 1) await failure(asking.triage(aTriageInput(), never));
    expect(endpoint.asked()).toBe(12);
  });

  it("sends no address, number or name of a customer, and gives back what the summary says of them", async () => {
    const text = "I am Dana Okafor (dana@example.com, +41 44 123 45 67). My laptop NG-LT-20417 loses the Wi-Fi.";
    const { output } = await model().triage(
      aTriageInput({ text, told: text, written: text, customerName: "Dana Okafor" }),
      never,
    );
    expect(endpoint.last()?.body).not.toMatch(/Dana|Okafor|example\.com|123 45|20417/);
    expect(readTriage(output)?.summary).toBe(text);
  });

  it("sends no past ticket", async () => {
    const past = anEvidence({ kind: "ticket", chunkId: "chk_9", text: "Mr. Berg of floor 3 had the same." });
    await model().draft(aDraftInput({ evidence: [past, anEvidence()] }), never);
    expect(endpoint.last()?.body).not.toContain("Berg");
    expect(endpoint.last()?.user).toContain("<evidence-1-");
  });
});
