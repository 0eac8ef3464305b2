import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftRetired } from "@opsdesk/schemas/ai-draft-retired";
import type { Ticket } from "./ticket.ts";
import { type Turn, type TurnStep, stepOf, turnJob } from "./turn.ts";

/**
 * A draft that lost the knowledge it cites is made again for the same conversation version, in a new round; every
 * other retirement is somebody else's last word. `turn` is the one that the draft ended.
 */
export function restartTurn(
  { reason }: AiDraftRetired,
  turn: Turn | undefined,
  ticket: Ticket | undefined,
): Outcome<TurnStep> {
  if (reason !== "source_changed") return ignore(`retired_${reason}`);
  if (turn === undefined || ticket === undefined || turn.stage !== "ended") return ignore("draft_not_current");
  if (ticket.closed) return ignore("ticket_closed");
  if (ticket.conversationVersion > turn.conversationVersion) return ignore("superseded");
  const roundAfter = turn.round + 1;
  return done({
    rows: stepOf(turn, "received", { roundAfter }),
    jobs: [turnJob("triage.ticket", turn.ticketId, turn.conversationVersion, roundAfter)],
  });
}
