import type { NewEvent } from "@opsdesk/messaging/outcome";
import { prefixedId } from "@opsdesk/identity";
import type { Actor } from "@opsdesk/schemas/common";
import type { ContactLogged } from "@opsdesk/schemas/contact-logged";
import type { FollowupChanged } from "@opsdesk/schemas/followup-changed";
import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import type { CommandContext, CommandResult } from "../apply-command.ts";
import { keyOf } from "../book.ts";
import { type Contact, type FollowUp, type Ticket, refOf } from "../ticket.ts";

type FollowUpCommand = Extract<
  TicketCommandSubmitted["command"],
  { type: "follow_up" | "complete_follow_up" | "log_contact" }
>;

/** Commands about work beside the conversation: what is to be done, what was done, whom somebody reached. */
export function followUp(
  ticket: Ticket,
  command: FollowUpCommand,
  { asked, state, now }: CommandContext,
): CommandResult {
  const { tenant, eventId, data } = asked;
  const next: Ticket = { ...ticket, aggregateVersion: ticket.aggregateVersion + 1 };
  switch (command.type) {
    case "follow_up": {
      const inDesk = state.desks.get(tenant)?.desk.people.some((person) => person.id === command.ownerId) ?? false;
      if (!inDesk) return { code: "assignee_not_in_desk", message: `${command.ownerId} is not a person of this desk` };
      const { title, ownerId, dueAt } = command;
      const base = {
        tenant,
        followUpId: prefixedId("fup", `${tenant}:${eventId}`),
        ticketId: ticket.ticketId,
        at: now,
      };
      const task: FollowUp = { ...base, title, ownerId, dueAt, status: "open", reason: null, doneAt: null };
      return { ticket: next, rows: { followUps: [task] }, events: [followUpChanged(next, task, "open", data.actor)] };
    }
    case "complete_follow_up": {
      const known = state.followUps.get(keyOf(tenant, command.followUpId));
      if (known === undefined || known.ticketId !== ticket.ticketId || known.status === "done")
        return { code: "follow_up_unknown", message: `the ticket has no open follow-up ${command.followUpId}` };
      const task: FollowUp = { ...known, status: "done", doneAt: now };
      return { ticket: next, rows: { followUps: [task] }, events: [followUpChanged(next, task, "done", data.actor)] };
    }
    case "log_contact": {
      const contactId = prefixedId("con", `${tenant}:${eventId}`);
      const { channel, reached, said } = command;
      const contact: Contact = {
        tenant,
        contactId,
        ticketId: ticket.ticketId,
        channel,
        reached,
        said,
        actor: data.actor,
        at: now,
      };
      // Whoever reached the customer has answered: the deadline is met.
      const met: Ticket = reached && next.respondedAt === null ? { ...next, respondedAt: now } : next;
      const logged: ContactLogged = { ...refOf(met), contactId, channel, reached, said, actor: data.actor, at: now };
      return {
        ticket: met,
        rows: { contacts: [contact] },
        events: [{ type: "contact.logged", key: ticket.ticketId, data: logged }],
      };
    }
  }
}

const followUpChanged = (ticket: Ticket, task: FollowUp, status: "open" | "done", actor: Actor): NewEvent => ({
  type: "followup.changed",
  key: ticket.ticketId,
  data: {
    ...refOf(ticket),
    followUpId: task.followUpId,
    title: task.title,
    ownerId: task.ownerId,
    dueAt: task.dueAt,
    status,
    actor,
  } satisfies FollowupChanged,
});
