import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import { restartTurn } from "../decide/restart-turn.ts";
import type { Ticket, TicketBody } from "../decide/ticket.ts";
import type { Turn, TurnStep } from "../decide/turn.ts";
import { contextKey, contextsByDraft, contextsUnmoved, moveContexts } from "../store/contexts.ts";
import { ticketKey, ticketsBy } from "../store/tickets.ts";

interface State {
  readonly turns: ReadonlyMap<string, Turn>;
  readonly tickets: ReadonlyMap<string, Ticket>;
}

export const onDraftRetired = (): AnyHandler =>
  handler<"ai.draft.retired", State, TurnStep>("ai.draft.retired", {
    load: async (read, events) => ({
      turns: await contextsByDraft(
        read,
        events.map(({ data, tenantid }) => ({ tenant: tenantid, draftId: data.draftId })),
      ),
      tickets: await ticketsBy<TicketBody>(
        read,
        events.map(({ data, tenantid }) => ({ tenant: tenantid, ticketId: data.ticketId })),
      ),
    }),
    decide: ({ data, tenantid }, { tickets, turns }) =>
      restartTurn(
        data,
        turns.get(`${tenantid}/${data.draftId}`),
        tickets.get(ticketKey({ tenant: tenantid, ticketId: data.ticketId })),
      ),
    evolve: (state, { to }, { data, tenantid }) => {
      const key = `${tenantid}/${data.draftId}`;
      const turn = state.turns.get(key);
      return turn === undefined ? state : { ...state, turns: new Map(state.turns).set(key, { ...turn, stage: to }) };
    },
    save: (rows) => {
      const steps = lastBy(rows, contextKey);
      return { writes: [moveContexts(steps)], guards: [{ held: contextsUnmoved(steps), count: steps.length }] };
    },
  });
