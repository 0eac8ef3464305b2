import { type Outcome, done } from "@opsdesk/messaging/outcome";
import type { Run } from "@opsdesk/schemas/common";
import type { TriageOutput } from "./model.ts";
import { type Ending, type Found, proposal, triaged } from "./propose.ts";
import { followupJob } from "./suggest.ts";
import type { Ticket } from "./ticket.ts";
import { type Turn, type TurnStep, stepOf } from "./turn.ts";

/** What a job changes of a turn, and the run that it took. */
export interface TurnRows {
  readonly step: TurnStep;
  readonly run: Run | null;
}

/** The turn's last word: with a draft, or with the reason for none. */
export function endTurn(
  ticket: Ticket,
  turn: Turn,
  ending: Omit<Ending, "conversationVersion" | "triage" | "evidence">,
): Outcome<TurnRows> {
  const { draftId, outcome, runs } = ending;
  const event = proposal(ticket, {
    ...ending,
    conversationVersion: turn.conversationVersion,
    triage: turn.triage,
    evidence: turn.evidence ?? [],
  });
  return done({ rows: { step: stepOf(turn, "ended", { draftId, outcome }), run: runs[0] ?? null }, events: [event] });
}

/** A refusal keeps what the written rules say of the enquiry: a risk is a risk, whatever the model did. */
export const failedWith = (reason: string, byRules: TriageOutput): Found => ({
  ...foundBy(byRules),
  outcome: "failed",
  reason,
  categoryId: null,
  confidence: 0,
  outOfScope: false,
  ranking: [],
  missingInformation: [],
});

export const foundBy = ({ missingInformation, ranking, reason, risks, ...rest }: TriageOutput): Found => ({
  ...rest,
  ...(reason === undefined ? {} : { reason }),
  missingInformation: [...missingInformation],
  ranking: [...ranking],
  risks: [...risks],
});

/** Triage has found something, or says why not. Retrieval follows in every case, so that the chain always completes. */
export function endTriage(ticket: Ticket, turn: Turn, found: Found, run: Run): Outcome<TurnRows> {
  const { event, triage } = triaged(ticket, turn.conversationVersion, found, run);
  const followup = followupJob(triage);
  return done({
    rows: { step: stepOf(turn, "triaged", { triage }), run },
    events: [event],
    jobs: followup === undefined ? [] : [followup],
  });
}
