import type { Read } from "@opsdesk/database";
import type { Desks, KnownDesk } from "@opsdesk/desk";
import type { Job, Save } from "@opsdesk/messaging";
import type { Outcome } from "@opsdesk/messaging/outcome";
import type { TurnRows } from "../decide/end-turn.ts";
import type { Ticket, TicketBody, TurnJob } from "../decide/ticket.ts";
import type { Turn } from "../decide/turn.ts";
import { type RunRow, insertRuns } from "../store/ai-runs.ts";
import { contextKey, contextsBy, contextsUnmoved, contextsWithEvidence, moveContexts } from "../store/contexts.ts";
import { ticketKey, ticketsBy } from "../store/tickets.ts";

/** What the jobs of a turn read. */
export interface Turns {
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly turns: ReadonlyMap<string, Turn>;
  readonly desks: ReadonlyMap<string, KnownDesk>;
}

export interface Loaded {
  readonly ticket: Ticket;
  readonly turn: Turn;
  readonly known: KnownDesk;
}

type TurnJobs = readonly Job<TurnJob>[];

const keysOf = (jobs: TurnJobs) =>
  jobs.map(({ data, tenant }) => ({ tenant, ticketId: data.ticketId, conversationVersion: data.conversationVersion }));

export async function loadTurns(read: Read, desks: Desks, jobs: TurnJobs, withEvidence: boolean): Promise<Turns> {
  const keys = keysOf(jobs);
  return {
    tickets: await ticketsBy<TicketBody>(read, keys),
    turns: await (withEvidence ? contextsWithEvidence(read, keys) : contextsBy(read, keys)),
    desks: await desks.byTenant(
      read,
      keys.map((key) => key.tenant),
    ),
  };
}

/** A job's ticket, turn and desk. A handler wrote all three before it sent the job, so none is missing in good order. */
export function loadedFor({ data, tenant }: Job<TurnJob>, { desks, tickets, turns }: Turns): Loaded | undefined {
  const ticket = tickets.get(ticketKey({ tenant, ticketId: data.ticketId }));
  const turn = turns.get(contextKey({ tenant, ...data }));
  const known = desks.get(tenant);
  return ticket === undefined || turn === undefined || known === undefined ? undefined : { ticket, turn, known };
}

/** All steps and all runs of a batch, each in one statement; nothing if a turn has moved meanwhile. */
export function saveTurns(rows: readonly TurnRows[]): Save {
  const steps = rows.map((row) => row.step);
  const runs = rows.flatMap(({ run, step }): RunRow[] =>
    run === null
      ? []
      : [{ tenant: step.tenant, ticketId: step.ticketId, conversationVersion: step.conversationVersion, run }],
  );
  return {
    writes: [moveContexts(steps), insertRuns(runs)],
    guards: [{ held: contextsUnmoved(steps), count: steps.length }],
  };
}

const LATER_SECONDS = 60;

/** A failure that cannot even be explained yet, because its ticket cannot be read: the job comes again. */
export const later = ({ data, key, queue }: Job<TurnJob>): Outcome<never> => ({
  outcome: "done",
  effects: { jobs: [{ queue, key, data, startAfterSeconds: LATER_SECONDS }] },
});
