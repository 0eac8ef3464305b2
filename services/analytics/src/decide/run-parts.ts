import type { Run } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { type ByType, saidBy } from "./event-of.ts";
import { type Fold, byTime, isoOf, valuesOf } from "./fold.ts";
import type { RunDocument } from "./run-fields.ts";

type RunFold = Fold<RunDocument>;

/** A run that two events carry is one: the first that carried it holds. */
const runsOf = (
  { id, time, tenantid }: Envelope,
  ticketId: string | null,
  runs: readonly Run[],
): readonly RunFold[] => {
  const at = byTime(time, id);
  return runs.map((run) => ({
    is: { tenant: tenantid, runId: run.runId },
    first: {
      ticketId: [at, ticketId],
      job: [at, run.job],
      outcome: [at, run.outcome],
      reason: [at, run.reason ?? null],
      model: [at, run.model],
      promptVersion: [at, run.promptVersion],
      inputTokens: [at, run.inputTokens],
      outputTokens: [at, run.outputTokens],
      costMicros: [at, run.costMicros],
      latencyMs: [at, run.latencyMs],
      startedAt: [at, isoOf(run.startedAt)],
    },
  }));
};

const says: ByType<readonly RunFold[]> = {
  "ticket.triaged": (event) => runsOf(event, event.data.ticketId, event.data.runs),
  "context.retrieved": (event) => runsOf(event, event.data.ticketId, event.data.runs),
  "ai.draft.proposed": (event) => runsOf(event, event.data.ticketId, event.data.runs),
  "ai.run.recorded": (event) => runsOf(event, event.data.ticketId, [event.data.run]),
};

export const runParts = (event: Envelope): readonly RunFold[] => saidBy(says, event) ?? [];

export const runId = ({ tenant, runId: id }: RunDocument): string => `${tenant ?? ""}:${id ?? ""}`;

export const runDocument = (fold: RunFold): RunDocument => valuesOf(fold);
