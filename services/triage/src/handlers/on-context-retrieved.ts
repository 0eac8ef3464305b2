import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import { takeEvidence } from "../decide/take-evidence.ts";
import type { Turn, TurnStep } from "../decide/turn.ts";
import { contextKey, contextsBy, contextsUnmoved, moveContexts } from "../store/contexts.ts";

type State = ReadonlyMap<string, Turn>;

interface Retrieved {
  readonly tenantid: string;
  readonly data: { readonly ticketId: string; readonly conversationVersion: number };
}

const keyOf = ({ data, tenantid }: Retrieved) => ({
  tenant: tenantid,
  ticketId: data.ticketId,
  conversationVersion: data.conversationVersion,
});

export const onContextRetrieved = (): AnyHandler =>
  handler<"context.retrieved", State, TurnStep>("context.retrieved", {
    load: (read, events) => contextsBy(read, events.map(keyOf)),
    decide: (event, turns) => takeEvidence(event.data, turns.get(contextKey(keyOf(event)))),
    evolve: (turns, { to }, event) => {
      const turn = turns.get(contextKey(keyOf(event)));
      return turn === undefined ? turns : new Map(turns).set(contextKey(turn), { ...turn, stage: to });
    },
    save: (rows) => {
      const steps = lastBy(rows, contextKey);
      return { writes: [moveContexts(steps)], guards: [{ held: contextsUnmoved(steps), count: steps.length }] };
    },
  });
