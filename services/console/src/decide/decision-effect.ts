import type { Envelope } from "@opsdesk/schemas/envelope";
import { ofType } from "./story-events.ts";

/** What the gate has answered to a decision. */
export type DecisionEffect =
  | { readonly taken: true; readonly eventId: string; readonly decision: string; readonly at: string }
  | { readonly taken: false; readonly eventId: string; readonly code: string; readonly message: string };

/** The answer to this decision, once it is there. */
export function effectOf(events: readonly Envelope[], decisionId: string): DecisionEffect | undefined {
  const reviewed = ofType(events, "ai.draft.reviewed").find(({ data }) => data.decisionId === decisionId);
  if (reviewed !== undefined)
    return { taken: true, eventId: reviewed.id, decision: reviewed.data.decision, at: reviewed.data.decidedAt };
  const refused = ofType(events, "ai.draft.decision_refused").find(({ data }) => data.decisionId === decisionId);
  return refused === undefined
    ? undefined
    : { taken: false, eventId: refused.id, code: refused.data.code, message: refused.data.message };
}
