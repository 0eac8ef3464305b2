import { type AnyHandler, handler, lastBy } from "@opsdesk/messaging/handler";
import type { Lesson } from "../decide/learn.ts";
import { learnFromReview } from "../decide/review-outcome.ts";
import type { Ticket, TicketBody } from "../decide/ticket.ts";
import type { Turn } from "../decide/turn.ts";
import { contextsByDraft } from "../store/contexts.ts";
import { insertExamples } from "../store/examples.ts";
import { ticketKey, ticketsBy } from "../store/tickets.ts";

interface State {
  readonly turns: ReadonlyMap<string, Turn>;
  readonly tickets: ReadonlyMap<string, Ticket>;
}

export const onDraftReviewed = (): AnyHandler =>
  handler<"ai.draft.reviewed", State, Lesson | undefined>("ai.draft.reviewed", {
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
      learnFromReview(
        data,
        tickets.get(ticketKey({ tenant: tenantid, ticketId: data.ticketId })),
        turns.get(`${tenantid}/${data.draftId}`),
        tenantid,
      ),
    save: (rows) => ({
      writes: [
        insertExamples(
          lastBy(
            rows.flatMap((row) => row ?? []),
            (lesson) => `${lesson.tenant}/${lesson.textHash}`,
          ),
        ),
      ],
    }),
  });
