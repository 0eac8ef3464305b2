import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import type { TicketChanged } from "@opsdesk/schemas/ticket-changed";
import type { Applied, CommandContext, CommandResult } from "../apply-command.ts";
import { dueWith } from "../apply-triage.ts";
import { draftsOf } from "../book.ts";
import { changedEvent } from "../changed-event.ts";
import { retirePending } from "../retire-drafts.ts";
import { type Ticket, isClosed } from "../ticket.ts";

type FieldCommand = Extract<
  TicketCommandSubmitted["command"],
  { type: "assign" | "set_priority" | "set_category" | "snooze" | "close" | "reopen" }
>;

/** Commands that change the ticket's own fields. */
export function changeFields(ticket: Ticket, command: FieldCommand, context: CommandContext): CommandResult {
  const view = context.state.desks.get(context.asked.tenant);
  const change = changing(ticket, context);
  switch (command.type) {
    case "assign": {
      const known =
        command.assigneeId === null || (view?.desk.people.some((person) => person.id === command.assigneeId) ?? false);
      if (!known)
        return { code: "assignee_not_in_desk", message: `${command.assigneeId} is not a person of this desk` };
      return change("assigned", { assigneeId: command.assigneeId }, {});
    }
    case "set_priority": {
      const due = dueWith(command.priority, ticket, view);
      return change("priority", { priority: command.priority, ...due }, { priorityBy: "person" });
    }
    case "set_category":
      // A category that is not in the closed list is refused, never stored.
      if (!(view?.desk.categories.some((category) => category.id === command.categoryId) ?? false))
        return { code: "category_not_in_desk", message: `${command.categoryId} is not a category of this desk` };
      return change("category", { categoryId: command.categoryId }, { categoryBy: "person" });
    case "snooze":
      if (isClosed(ticket)) return { code: "ticket_closed", message: `the ticket is ${ticket.status}` };
      if (Date.parse(command.until) <= Date.parse(context.now))
        return { code: "time_passed", message: "a ticket sleeps until a time to come" };
      return change("snoozed", { status: "snoozed", snoozedUntil: command.until }, {});
    case "close":
      if (ticket.status === command.resolution)
        return { code: "ticket_closed", message: `the ticket is ${ticket.status}` };
      return close(ticket, command.resolution, context);
    case "reopen":
      if (!isClosed(ticket)) return { code: "ticket_not_closed", message: `the ticket is ${ticket.status}` };
      // Whoever opens a conversation again starts it again: drafts of before do not hold for it.
      return change("reopened", { status: "open" }, { conversationVersion: ticket.conversationVersion + 1 });
  }
}

const changing =
  (ticket: Ticket, { asked }: CommandContext) =>
  (change: TicketChanged["change"], after: TicketChanged["after"], silent: Partial<Ticket>): Applied => {
    const next: Ticket = {
      ...ticket,
      ...(after as Partial<Ticket>),
      ...silent,
      aggregateVersion: ticket.aggregateVersion + 1,
    };
    return { ticket: next, events: [changedEvent(next, change, asked.data.actor, pick(ticket, after), after)] };
  };

/** The same fields as they were. */
const pick = (ticket: Ticket, fields: TicketChanged["after"]): TicketChanged["before"] =>
  // Every field of a change is a field of the ticket, by the same name and type.
  Object.fromEntries(
    Object.keys(fields).map((name) => [name, ticket[name as keyof Ticket]]),
  ) as TicketChanged["before"];

function close(ticket: Ticket, status: Ticket["status"], context: CommandContext): Applied {
  const closed = changing(ticket, context)("closed", { status, snoozedUntil: null }, {});
  const fallen = retirePending(closed.ticket, draftsOf(context.state, ticket), {
    reason: "ticket_closed",
    now: context.now,
  });
  return { ...closed, rows: { drafts: fallen.drafts }, events: [...(closed.events ?? []), ...fallen.events] };
}
