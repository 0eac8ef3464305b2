import { prefixedId, sha256Hex } from "@opsdesk/identity";
import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import type { CommandContext, CommandResult } from "../apply-command.ts";
import { draftsOf, keyOf } from "../book.ts";
import { changedEvent } from "../changed-event.ts";
import { messageAdded, postReply, replyId } from "../post-message.ts";
import { retirePending } from "../retire-drafts.ts";
import { type StoredMessage, type Ticket, isClosed } from "../ticket.ts";

type AnswerCommand = Extract<TicketCommandSubmitted["command"], { type: "note" | "reply" | "undo_reply" }>;

/** Commands that add to the conversation, or take back what has not left yet. */
export function answer(ticket: Ticket, command: AnswerCommand, context: CommandContext): CommandResult {
  switch (command.type) {
    case "note":
      return note(ticket, command.text, context);
    case "reply":
      return reply(ticket, command.text, context);
    case "undo_reply":
      return undo(ticket, command.messageId, context);
  }
}

function reply(ticket: Ticket, text: string, { asked, state, now }: CommandContext): CommandResult {
  if (isClosed(ticket))
    return { code: "ticket_closed", message: `the ticket is ${ticket.status}; open it again first` };
  if (text.trim() === "") return { code: "text_missing", message: "a reply needs words" };
  const posted = postReply(ticket, {
    messageId: replyId(asked.tenant, "command", asked.eventId),
    text,
    author: asked.data.actor,
    origin: "person",
    draftId: null,
    correlationId: asked.correlationId,
    now,
    undoSeconds: state.desks.get(asked.tenant)?.desk.policy.undoSeconds ?? 0,
  });
  // In the same transaction: from here on no approval of an older draft can go out.
  const fallen = retirePending(posted.ticket, draftsOf(state, ticket), { reason: "person_replied", now });
  return {
    ticket: posted.ticket,
    rows: { messages: [posted.message], drafts: fallen.drafts },
    jobs: posted.jobs,
    events: [...posted.events, ...fallen.events],
  };
}

/** A note is for colleagues: it changes nothing that a draft answers. */
function note(ticket: Ticket, text: string, { asked, now }: CommandContext): CommandResult {
  if (text.trim() === "") return { code: "text_missing", message: "a note needs words" };
  const next: Ticket = { ...ticket, aggregateVersion: ticket.aggregateVersion + 1 };
  const message: StoredMessage = {
    tenant: asked.tenant,
    messageId: prefixedId("msg", `${asked.tenant}:note:${asked.eventId}`),
    ticketId: ticket.ticketId,
    kind: "note",
    author: asked.data.actor,
    source: null,
    externalId: null,
    submissionId: null,
    submissionHash: null,
    correlationId: asked.correlationId,
    sourceText: text,
    textHash: sha256Hex(text),
    fullTextRef: null,
    automatic: false,
    conversationVersion: next.conversationVersion,
    state: null,
    origin: null,
    draftId: null,
    channelMessageId: null,
    sendAfter: null,
    at: now,
  };
  return { ticket: next, rows: { messages: [message] }, events: [messageAdded(next, message)] };
}

/**
 * Takes back a reply that is still waiting. Before `sendAfter` the job does not send, after it this refuses; what was
 * decided before and is committed after meets the job's own commit that closes the window (send-reply.ts).
 */
function undo(ticket: Ticket, messageId: string, { asked, state, now }: CommandContext): CommandResult {
  const message = state.replies.get(keyOf(asked.tenant, messageId));
  if (message === undefined || message.ticketId !== ticket.ticketId || message.kind !== "reply")
    return { code: "message_unknown", message: `the ticket has no reply ${messageId}` };
  // Without a window it may be leaving at this moment, whatever a slow clock says.
  const until = message.sendAfter === message.at ? null : message.sendAfter;
  if (message.state !== "queued" || until === null || Date.parse(now) >= Date.parse(until))
    return { code: "nothing_to_undo", message: "the reply is on its way or was settled before" };
  const next: Ticket = { ...ticket, status: "open", respondedAt: null, aggregateVersion: ticket.aggregateVersion + 1 };
  return {
    ticket: next,
    rows: { undone: [{ tenant: asked.tenant, messageId }] },
    events: [changedEvent(next, "reply_undone", asked.data.actor, { status: ticket.status }, { status: next.status })],
  };
}
