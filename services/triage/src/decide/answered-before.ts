import { prefixedId } from "@opsdesk/identity";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Run } from "@opsdesk/schemas/common";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import type { Ending, Found } from "./propose.ts";

export interface AnsweredBefore {
  /** How a turn ended, by the id of its draft. */
  readonly endings: ReadonlyMap<string, Omit<Ending, "conversationVersion" | "triage" | "evidence">>;
  /** What triage found, by the id of the run that found it. */
  readonly found: ReadonlyMap<string, { readonly found: Found; readonly run: Run }>;
}

/** What this service has answered whose slice was lost: everybody has it, so no model is asked for another answer. */
export function answeredBefore(facts: readonly Envelope[]): AnsweredBefore {
  const endings = new Map<string, Omit<Ending, "conversationVersion" | "triage" | "evidence">>();
  const found = new Map<string, { found: Found; run: Run }>();
  for (const { data, type } of facts) {
    // Each has been read under the contract of its type.
    if (type === "ai.draft.proposed") {
      const told = data as AiDraftProposed;
      endings.set(told.draftId, endingOf(told));
    }
    if (type === "ticket.triaged") {
      const {
        aggregateVersion: _,
        conversationVersion: __,
        reference: ___,
        ticketId: ____,
        ...told
      } = data as TicketTriaged;
      const { runs, searchText: _____, ...rest } = told;
      const [run] = runs;
      if (run !== undefined) found.set(run.runId, { found: rest, run });
    }
  }
  return { endings, found };
}

function endingOf(told: AiDraftProposed): Omit<Ending, "conversationVersion" | "triage" | "evidence"> {
  const { draftId, model, outcome, promptVersion, reason, runs, sentences, slots, templateId, templateVersion } = told;
  return {
    draftId,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(templateId === null || templateVersion === null
      ? {}
      : { draft: { templateId, templateVersion, sentences, slots } }),
    model: { name: model, promptVersion },
    runs,
  };
}

const ATTEMPTS_MAX = 10;

/** Of a job, whichever of its attempts it was. */
export function foundBefore(before: AnsweredBefore, root: string) {
  for (let attempt = 0; attempt < ATTEMPTS_MAX && before.found.size > 0; attempt += 1) {
    const known = before.found.get(prefixedId("run", `${root}:${attempt}`));
    if (known !== undefined) return known;
  }
  return undefined;
}
