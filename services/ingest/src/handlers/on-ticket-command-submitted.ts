import { type AnyHandler, type EventOf, handler } from "@opsdesk/messaging";
import { type Asked, applyCommand, foldCommand } from "../decide/apply-command.ts";
import { HTTP_SOURCE } from "../decide/http-source.ts";
import { type TicketRows, keyOf } from "../decide/book.ts";
import { isUnsafe } from "../decide/clip-text.ts";
import type { CommandState, QueuedReply } from "../decide/command-state.ts";
import type { FollowUp } from "../decide/ticket.ts";
import type { Businesses } from "../store/businesses.ts";
import { followUpsNamed, repliesNamed } from "../store/named-rows.ts";
import type { Wanted } from "../store/rows.ts";
import { saveTickets } from "../store/save-tickets.ts";
import { loadBookWithDesks } from "./load-book.ts";

const askedOf = (event: EventOf<"ticket.command_submitted">): Asked => ({
  tenant: event.tenantid,
  eventId: event.id,
  correlationId: event.correlationid,
  onTheSpot: event.source === HTTP_SOURCE,
  data: event.data,
});

export const onTicketCommandSubmitted = (businesses: Businesses): AnyHandler =>
  handler<"ticket.command_submitted", CommandState, TicketRows>("ticket.command_submitted", {
    load: async (read, events) => {
      const named: Wanted[] = [];
      const replies: Wanted[] = [];
      const followUps: Wanted[] = [];
      for (const { tenantid: tenant, data } of events) {
        named.push({ tenant, id: data.ticketId });
        if (data.command.type === "merge") named.push({ tenant, id: data.command.intoTicketId });
        if (data.command.type === "undo_reply") replies.push({ tenant, id: data.command.messageId });
        if (data.command.type === "complete_follow_up") followUps.push({ tenant, id: data.command.followUpId });
      }
      // Postgres takes no NUL in a parameter; an id that has one names nothing.
      const safe = (wanted: readonly Wanted[]) => wanted.filter(({ id }) => !isUnsafe(id));
      const book = await loadBookWithDesks(read, businesses, safe(named));
      const queued = (await repliesNamed(read, safe(replies))) as readonly QueuedReply[];
      const tasks = (await followUpsNamed(read, safe(followUps))) as readonly FollowUp[];
      return {
        ...book,
        replies: new Map(queued.map((reply) => [keyOf(reply.tenant, reply.messageId), reply])),
        followUps: new Map(tasks.map((task) => [keyOf(task.tenant, task.followUpId), task])),
      };
    },
    decide: (event, state, { now }) => applyCommand(askedOf(event), state, now),
    evolve: foldCommand,
    save: saveTickets,
  });
