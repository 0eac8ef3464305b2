import type { NewJob } from "@opsdesk/messaging/outcome";
import type { Evidence } from "@opsdesk/schemas/common";
import type { Stage, Triage } from "./ticket.ts";

export interface Turn {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly round: number;
  readonly stage: Stage;
  readonly triage: Triage | null;
  readonly retrieval: string | null;
  readonly evidence: readonly Evidence[] | null;
  readonly draftId: string | null;
}

/** A turn that begins; already ended where the desk keeps AI off. */
export interface NewTurn {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly stage: "received" | "ended";
  readonly draftId: string | null;
  readonly outcome: string | null;
}

/** One step of a turn. It holds only while the turn still is where it was loaded. */
export interface TurnStep {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly from: Stage;
  readonly to: Stage;
  readonly round: number;
  readonly roundAfter: number;
  readonly triage?: Triage;
  readonly retrieval?: string;
  readonly evidence?: readonly Evidence[];
  readonly draftId?: string;
  readonly outcome?: string;
}

export const stepOf = (turn: Turn, to: Stage, rest: Partial<TurnStep> = {}): TurnStep => ({
  tenant: turn.tenant,
  ticketId: turn.ticketId,
  conversationVersion: turn.conversationVersion,
  from: turn.stage,
  to,
  round: turn.round,
  roundAfter: turn.round,
  ...rest,
});

/** The conversation version travels with the job: a proposal is applied only to the version it was computed from. */
export const turnJob = (
  queue: "triage.ticket" | "response.template_select",
  ticketId: string,
  conversationVersion: number,
  round: number,
): NewJob => ({
  queue,
  key: ticketId,
  data: { ticketId, conversationVersion, round },
  ordinal: `${conversationVersion}.${round}`,
});
