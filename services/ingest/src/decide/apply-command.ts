import { type NewEvent, type NewJob, type Outcome, done, reject } from "@opsdesk/messaging/outcome";
import type { CommandRefused } from "@opsdesk/schemas/command-refused";
import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import { type TicketRows, fold, keyOf } from "./book.ts";
import { isUnsafe } from "./clip-text.ts";
import type { Refusal } from "./codes.ts";
import type { CommandState } from "./command-state.ts";
import { answer } from "./commands/answer.ts";
import { changeFields } from "./commands/change-fields.ts";
import { followUp } from "./commands/follow-up.ts";
import { merge } from "./commands/merge.ts";
import { mayAct } from "./may-act.ts";
import { type Ticket, refOf } from "./ticket.ts";

/** A command as it came, with what its envelope says of it. */
export interface Asked {
  readonly tenant: string;
  readonly eventId: string;
  readonly correlationId: string;
  /** Whoever asked waits for the answer (HTTP); otherwise an event tells. */
  readonly onTheSpot: boolean;
  readonly data: TicketCommandSubmitted;
}

/** What a command does: the ticket as it stands after it, and everything beside. */
export interface Applied {
  readonly ticket: Ticket;
  readonly rows?: Omit<TicketRows, "tickets">;
  /** Tickets besides the one that was named (a merge's target). */
  readonly others?: readonly Ticket[];
  readonly events?: readonly NewEvent[];
  readonly jobs?: readonly NewJob[];
}

export type CommandResult = Applied | Refusal;

export interface CommandContext {
  readonly asked: Asked;
  readonly state: CommandState;
  readonly now: string;
}

/** What a person asked of a ticket. A refusal is told to whoever asked, and is no fault of the system's. */
export function applyCommand(asked: Asked, state: CommandState, now: string): Outcome<TicketRows> {
  const { tenant, data } = asked;
  const ticket = state.tickets.get(keyOf(tenant, data.ticketId));
  if (ticket === undefined)
    return refuse(asked, { code: "ticket_unknown", message: `there is no ticket ${data.ticketId}` });
  const refusal = mayAct(data.actor, data.command.type, state.desks.get(tenant)?.desk) ?? unfit(asked, ticket);
  if (refusal !== undefined) return refuse(asked, refusal);
  const result = perform(ticket, { asked, state, now });
  if ("code" in result) return refuse(asked, result);
  return done({
    rows: { ...result.rows, tickets: [{ ...result.ticket, updatedAt: now }, ...(result.others ?? [])] },
    events: result.events ?? [],
    jobs: result.jobs ?? [],
    reply: { ...refOf(result.ticket), commandId: asked.eventId },
  });
}

/** What the next command of the batch sees. */
export function foldCommand(state: CommandState, rows: TicketRows): CommandState {
  for (const message of rows.messages ?? []) state.replies.set(keyOf(message.tenant, message.messageId), message);
  for (const { tenant, messageId } of rows.undone ?? []) {
    const reply = state.replies.get(keyOf(tenant, messageId));
    if (reply !== undefined) state.replies.set(keyOf(tenant, messageId), { ...reply, state: "undone" });
  }
  for (const task of rows.followUps ?? []) state.followUps.set(keyOf(task.tenant, task.followUpId), task);
  return fold(state, rows);
}

function unfit({ data }: Asked, ticket: Ticket): Refusal | undefined {
  if (data.expectedVersion !== undefined && data.expectedVersion !== ticket.aggregateVersion)
    return {
      code: "version_conflict",
      message: `expected version ${data.expectedVersion}, the ticket is at ${ticket.aggregateVersion}`,
    };
  if (ticket.mergedInto !== null)
    return { code: "ticket_merged", message: `the ticket was merged into ${ticket.mergedInto}` };
  if (Object.values(data.command).some((value) => typeof value === "string" && isUnsafe(value)))
    return { code: "text_unsafe", message: "a text holds a NUL or half of a surrogate pair, which no store keeps" };
  return undefined;
}

function perform(ticket: Ticket, context: CommandContext): CommandResult {
  const { command } = context.asked.data;
  switch (command.type) {
    case "assign":
    case "set_priority":
    case "set_category":
    case "snooze":
    case "close":
    case "reopen":
      return changeFields(ticket, command, context);
    case "merge":
      return merge(ticket, command.intoTicketId, context);
    case "note":
    case "reply":
    case "undo_reply":
      return answer(ticket, command, context);
    case "follow_up":
    case "complete_follow_up":
    case "log_contact":
      return followUp(ticket, command, context);
  }
}

function refuse({ tenant, data, eventId, onTheSpot }: Asked, { code, message }: Refusal): Outcome<TicketRows> {
  // Whoever waits is answered, and may try again with the same key; a topic has nobody to answer but an event.
  if (onTheSpot) return reject(code, message);
  const refused: CommandRefused = {
    commandId: eventId,
    ticketId: data.ticketId,
    actor: data.actor,
    command: data.command.type,
    code,
    message,
  };
  return done({ events: [{ type: "command.refused", key: tenant, data: refused }] });
}
