import type { Anthropic } from "@anthropic-ai/sdk";
import { contentHash } from "@opsdesk/identity";
import { answerOf, isMessage } from "./claude-answer.ts";
import { failureOf, unavailable } from "./claude-failure.ts";
import type { ClaudeModel } from "./claude-models.ts";
import { PROBE_AFTER_MS, failFast } from "./fail-fast.ts";

export interface ClaudeOptions {
  readonly model: ClaudeModel;
  readonly apiKey: string;
  readonly baseUrl: string;
  /** For one attempt, headers and body together. */
  readonly timeoutMs: number;
  readonly probeAfterMs?: number;
}

interface Question {
  readonly system: string;
  readonly user: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly read: (answer: unknown) => unknown;
}

export interface Questions<Triage, Draft> {
  /** Of the words that are the same for every ticket. */
  readonly version: string;
  readonly triage: (input: Triage) => Question;
  readonly draft: (input: Draft) => Question;
}

/** Choosing from short lists needs no long thought, and a person waits for what comes of it. */
const EFFORT = "low";
/** Several times what an answer takes: it may think before it, and what is cut off cannot be read. */
const ANSWER_TOKENS_MAX = 4_096;

/**
 * Claude over its public API. It is asked once an attempt: the job's own attempts are counted and recorded, and hold no
 * place while they wait, which the SDK's would.
 */
export function claude<Triage, Draft>(options: ClaudeOptions, questions: Questions<Triage, Draft>) {
  const { apiKey, baseUrl, model, timeoutMs } = options;
  const guarded = failFast(options.probeAfterMs ?? PROBE_AFTER_MS);
  let made: Promise<Anthropic> | undefined;

  /** Loaded with the first question: reading the SDK takes a tenth of a second, which no other model's start needs. */
  async function make(): Promise<Anthropic> {
    const { Anthropic } = await import("@anthropic-ai/sdk");
    return new Anthropic({
      apiKey,
      baseURL: baseUrl,
      timeout: timeoutMs,
      maxRetries: 0,
      // Both could tell what was asked; the question has a span of this service's own.
      logLevel: "off",
      openTelemetry: false,
      // Nothing is sent to where an endpoint points.
      fetchOptions: { redirect: "error" },
    });
  }

  async function send(body: Anthropic.MessageCreateParamsNonStreaming, signal: AbortSignal) {
    made ??= make();
    const client = await made;
    // The SDK's own timeout ends with the answer's headers; a body may drip for ever.
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let answer: unknown;
    try {
      answer = await client.messages.create(body, { signal: deadline });
    } catch (error) {
      throw failureOf(error);
    }
    if (!isMessage(answer)) throw unavailable("the model's endpoint answered with something that is no message");
    return answer;
  }

  async function ask({ read, schema, system, user }: Question, signal: AbortSignal) {
    const body = {
      model,
      max_tokens: ANSWER_TOKENS_MAX,
      system: [{ type: "text" as const, text: system, cache_control: { type: "ephemeral" as const } }],
      messages: [{ role: "user" as const, content: user }],
      output_config: { effort: EFFORT, format: { type: "json_schema" as const, schema: { ...schema } } },
    } satisfies Anthropic.MessageCreateParamsNonStreaming;
    const message = await send(body, signal);
    return { ...answerOf(model, message, read), sent: contentHash(body) };
  }

  return {
    name: model,
    promptVersion: questions.version,
    triage: (input: Triage, signal: AbortSignal) => guarded(() => ask(questions.triage(input), signal)),
    draft: (input: Draft, signal: AbortSignal) => guarded(() => ask(questions.draft(input), signal)),
  };
}
