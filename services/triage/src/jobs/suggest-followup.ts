import type { Desks } from "@opsdesk/desk";
import { type AnyJobStep, job } from "@opsdesk/messaging/job";
import { done, ignore, reject } from "@opsdesk/messaging/outcome";
import { reasonOf } from "../decide/run-record.ts";
import { type FollowupJob, followup, suggestionId } from "../decide/suggest.ts";
import type { TicketBody, Ticket } from "../decide/ticket.ts";
import type { Turn } from "../decide/turn.ts";
import type { KnownDesk } from "@opsdesk/desk";
import { contextKey, contextsBy } from "../store/contexts.ts";
import { type SuggestionRow, insertSuggestions, suggestionsMade } from "../store/suggestions.ts";
import { ticketKey, ticketsBy } from "../store/tickets.ts";

interface State {
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly turns: ReadonlyMap<string, Turn>;
  readonly desks: ReadonlyMap<string, KnownDesk>;
  readonly made: ReadonlySet<string>;
}

/** Something to do beside the reply, once a ticket and cause. */
export const suggestFollowup = ({ desks }: { readonly desks: Desks }): AnyJobStep =>
  job<FollowupJob, State, SuggestionRow>("suggest.followup", {
    load: async (read, jobs) => {
      const keys = jobs.map(({ data, tenant }) => ({ tenant, ...data }));
      return {
        tickets: await ticketsBy<TicketBody>(read, keys),
        turns: await contextsBy(read, keys),
        desks: await desks.byTenant(
          read,
          keys.map((key) => key.tenant),
        ),
        made: await suggestionsMade(
          read,
          keys.map(({ cause, tenant, ticketId }) => ({ tenant, suggestionId: suggestionId(ticketId, cause) })),
        ),
      };
    },
    run: ({ data, tenant }, { desks, made, tickets, turns }, { now }) => {
      const ticket = tickets.get(ticketKey({ tenant, ticketId: data.ticketId }));
      const desk = desks.get(tenant)?.desk;
      const id = suggestionId(data.ticketId, data.cause);
      if (ticket === undefined || desk === undefined) return ignore("turn_unknown");
      if (made.has(`${tenant}/${id}`)) return ignore("already_suggested");
      const triage = turns.get(contextKey({ tenant, ...data }))?.triage ?? null;
      return done({
        rows: { tenant, suggestionId: id, ticketId: data.ticketId, cause: data.cause, at: now },
        events: [followup(data, ticket, triage, desk, now)],
      });
    },
    save: (rows) => ({ writes: [insertSuggestions(rows)] }),
    // A suggestion is no step of the chain: nothing waits for it, and the runtime has reported the failure.
    exhausted: (_, error) => reject(reasonOf(error), error.message),
    retry: { limit: 4, delaySeconds: 2, delaySecondsMax: 60, timeoutSeconds: 10 },
    concurrency: 50,
  });
