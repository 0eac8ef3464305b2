import { type ClaudeModel, usageOf } from "./claude-models.ts";

interface Message {
  readonly content: readonly unknown[];
  readonly stop_reason: unknown;
  readonly usage: Parameters<typeof usageOf>[1];
}

type Refusal = "model_truncated" | "model_declined" | "output_invalid";

interface Answer {
  readonly output: unknown;
  readonly usage: ReturnType<typeof usageOf>;
  readonly refusal?: Refusal;
}

/** How an answer ended other than by being complete. */
const REFUSALS = new Map<unknown, Refusal>([
  ["max_tokens", "model_truncated"],
  ["model_context_window_exceeded", "model_truncated"],
  ["refusal", "model_declined"],
]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Whether an answer is one that can be metered. An endpoint may answer with anything, a proxy's page for instance. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || !Array.isArray(value["content"]) || !isRecord(value["usage"])) return false;
  const { cache_creation_input_tokens, cache_read_input_tokens, input_tokens, output_tokens } = value["usage"];
  return [input_tokens, output_tokens, cache_creation_input_tokens ?? 0, cache_read_input_tokens ?? 0].every(isCount);
}

/** The first block may be what the model thought. */
function textOf(content: readonly unknown[]): string | undefined {
  const block = content.find((one) => isRecord(one) && one["type"] === "text");
  return isRecord(block) && typeof block["text"] === "string" ? block["text"] : undefined;
}

/** What is no JSON comes back as it is: it is refused, and recorded by its hash. */
function readJson(text: string | undefined, read: (answer: unknown) => unknown): unknown {
  if (text === undefined) return null;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return text;
  }
  return read(answer);
}

/** Metered first: whatever an answer is worth, it is paid for. Then how it ended, and only then what it says. */
export function answerOf(
  model: ClaudeModel,
  { content, stop_reason, usage }: Message,
  read: (answer: unknown) => unknown,
): Answer {
  const metered = { usage: usageOf(model, usage) };
  const text = textOf(content);
  if (stop_reason === "end_turn") return { ...metered, output: readJson(text, read) };
  return { ...metered, output: text ?? null, refusal: REFUSALS.get(stop_reason) ?? "output_invalid" };
}
