import { type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { type Turn, type TurnStep, stepOf, turnJob } from "./turn.ts";

/** The evidence for a turn has come: its draft is next. Only a turn that waits for evidence takes it. */
export function takeEvidence(
  { conversationVersion, evidence, outcome, reason, ticketId }: ContextRetrieved,
  turn: Turn | undefined,
): Outcome<TurnStep> {
  if (turn === undefined)
    return reject(
      "turn_unknown",
      `evidence for ${ticketId} version ${conversationVersion}, which triage never asked for`,
    );
  if (turn.stage !== "triaged") return ignore(`turn_${turn.stage}`);
  return done({
    rows: stepOf(turn, "retrieved", {
      evidence,
      retrieval: outcome === "failed" ? (reason ?? "retrieval_failed") : outcome,
    }),
    jobs: [turnJob("response.template_select", ticketId, conversationVersion, turn.round)],
  });
}
