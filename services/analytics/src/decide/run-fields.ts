import { type DocumentOf, date, double, keyword, long } from "./field.ts";

const RUN = "runs in any event";

/** One document a run of a model or of retrieval, failed and abstained ones too. */
export const runFields = {
  tenant: keyword("The business", "envelope"),
  runId: keyword("The run", RUN),
  ticketId: keyword("The ticket it worked on, where there is one", RUN),
  job: keyword("The job that ran", RUN),
  outcome: keyword("succeeded, failed or abstained", RUN),
  reason: keyword("Code of why it failed or abstained", RUN),
  model: keyword("The model", RUN),
  promptVersion: keyword("The version of its prompt", RUN),
  inputTokens: long("tokens", "Read", RUN),
  outputTokens: long("tokens", "Written", RUN),
  costMicros: long("micro-dollars", "What it cost", RUN),
  latencyMs: double("milliseconds", "How long it took", RUN),
  startedAt: date("When it began", RUN),
} as const;
export type RunDocument = DocumentOf<typeof runFields>;
