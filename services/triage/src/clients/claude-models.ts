/** US dollars for a million tokens, which is micros of a dollar for one. */
interface Price {
  readonly input: number;
  readonly output: number;
}

export const CLAUDE_MODELS = ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"] as const;
export type ClaudeModel = (typeof CLAUDE_MODELS)[number];

/** Anthropic's list prices as they were on 2026-11-20. A run keeps what it cost then. */
const PRICES: Readonly<Record<ClaudeModel, Price>> = {
  "claude-haiku-5-5": { input: 0.1, output: 0.5 },
  "claude-sonnet-5-5": { input: 2, output: 10 },
  "claude-opus-5-5": { input: 4, output: 20 },
};

/** Of the input price: what is written to the provider's five-minute cache, and what is read from it. */
const CACHE_WRITE = 1.25;
const CACHE_READ = 0.1;

interface Tokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
}

export const isClaudeModel = (name: string): name is ClaudeModel => CLAUDE_MODELS.some((one) => one === name);

/** Rounded up, so that no answer is free. */
export function usageOf(model: ClaudeModel, tokens: Tokens) {
  const price = PRICES[model];
  const written = tokens.cache_creation_input_tokens ?? 0;
  const read = tokens.cache_read_input_tokens ?? 0;
  const input = tokens.input_tokens + written * CACHE_WRITE + read * CACHE_READ;
  return {
    inputTokens: tokens.input_tokens + written + read,
    outputTokens: tokens.output_tokens,
    costMicros: Math.ceil(input * price.input + tokens.output_tokens * price.output),
  };
}
