import { type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { Triage } from "./ticket.ts";
import { type Turn, type TurnStep, stepOf, turnJob } from "./turn.ts";

const RISKS_MAX = 20;

/** What the neighbourhood of a ticket adds; a full list makes room, since no word of the enquiry tells of it. */
function withRisks(triage: Triage | null, found: ContextRetrieved["risks"] = []): Triage | undefined {
  const added = found.filter(({ id }) => triage?.risks.every((risk) => risk.id !== id) ?? false);
  if (triage === null || added.length === 0) return undefined;
  return { ...triage, risks: [...triage.risks.slice(0, RISKS_MAX - added.length), ...added] };
}

/** The evidence for a turn has come: its draft is next. Only a turn that waits for evidence takes it. */
export function takeEvidence(
  { conversationVersion, evidence, outcome, reason, risks, ticketId }: ContextRetrieved,
  turn: Turn | undefined,
): Outcome<TurnStep> {
  if (turn === undefined)
    return reject(
      "turn_unknown",
      `evidence for ${ticketId} version ${conversationVersion}, which triage never asked for`,
    );
  if (turn.stage !== "triaged") return ignore(`turn_${turn.stage}`);
  const triage = withRisks(turn.triage, risks);
  return done({
    rows: stepOf(turn, "retrieved", {
      ...(triage === undefined ? {} : { triage }),
      evidence,
      retrieval: outcome === "failed" ? (reason ?? "retrieval_failed") : outcome,
    }),
    jobs: [turnJob("response.template_select", ticketId, conversationVersion, turn.round)],
  });
}
