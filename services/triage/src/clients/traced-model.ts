import { currentTraceparent, errorType, failSpan, inSpan, setAttributes, startSpan, tracer } from "@opsdesk/telemetry";

interface Answer {
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

interface AskableModel<Triage, Draft, Given extends Answer> {
  readonly name: string;
  readonly promptVersion: string;
  triage(input: Triage, signal: AbortSignal): Promise<Given>;
  draft(input: Draft, signal: AbortSignal): Promise<Given>;
}

/** Each question to the model is a span: which model, for what, how much it read and wrote, and never what. */
export function tracedModel<Triage, Draft, Given extends Answer>(
  model: AskableModel<Triage, Draft, Given>,
  provider: string,
): AskableModel<Triage, Draft, Given> {
  async function asked(task: "triage" | "draft", ask: () => Promise<Given>): Promise<Given> {
    const from = tracer();
    if (from === undefined) return await ask();
    const span = startSpan(from, {
      name: `${task} ${model.name}`,
      kind: "CLIENT",
      parent: currentTraceparent(),
      attributes: {
        "gen_ai.operation.name": task,
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model.name,
      },
    });
    try {
      const answer = await inSpan(span, ask);
      setAttributes(span, {
        "gen_ai.usage.input_tokens": answer.usage.inputTokens,
        "gen_ai.usage.output_tokens": answer.usage.outputTokens,
      });
      return answer;
    } catch (error) {
      failSpan(span, errorType(error));
      throw error;
    } finally {
      span.end();
    }
  }
  return {
    name: model.name,
    promptVersion: model.promptVersion,
    triage: (input, signal) => asked("triage", () => model.triage(input, signal)),
    draft: (input, signal) => asked("draft", () => model.draft(input, signal)),
  };
}
