import type { NewEvent, NewJob } from "@opsdesk/messaging/outcome";
import type { Actor } from "@opsdesk/schemas/common";
import type { TicketMessageAdded } from "@opsdesk/schemas/ticket-message-added";
import { prefixedId, sha256Hex } from "@opsdesk/identity";
import { clipText, utf8Length } from "./clip-text.ts";
import { type Origin, type StoredMessage, type Ticket, refOf } from "./ticket.ts";

/** A message as events carry it. */
export function messageOf(message: StoredMessage): TicketMessageAdded["message"] {
  const { text, truncated } = clipText(message.sourceText);
  return {
    id: message.messageId,
    kind: message.kind,
    author: message.author,
    text,
    textHash: message.textHash,
    truncated,
    ...(message.fullTextRef === null
      ? {}
      : {
          fullText: {
            ref: message.fullTextRef,
            sha256: message.textHash,
            bytes: utf8Length(message.sourceText),
            contentType: "text/plain; charset=utf-8",
          },
        }),
    at: message.at,
    automatic: message.automatic,
  };
}

/** The Message-ID a reply leaves with: a repeat carries the same, and a customer's answer to it finds its ticket. */
const channelMessageIdOf = (tenant: string, messageId: string): string =>
  `<${messageId}@${tenant.replace("~", ".")}.opsdesk>`;

export interface Reply {
  readonly messageId: string;
  readonly text: string;
  readonly author: Actor;
  readonly origin: Origin;
  readonly draftId: string | null;
  readonly correlationId: string;
  readonly now: string;
  /** For how long it can be taken back before it is sent. */
  readonly undoSeconds: number;
}

/** A reply's id by what released it: the same draft or command can never make two. */
export const replyId = (tenant: string, cause: "draft" | "command", id: string): string =>
  prefixedId("msg", `${tenant}:${cause}:${id}`);

/** Puts a reply into the conversation and on its way. The ticket moves on, so no other proposal can follow it. */
export function postReply(
  ticket: Ticket,
  reply: Reply,
): { ticket: Ticket; message: StoredMessage; events: readonly NewEvent[]; jobs: readonly NewJob[] } {
  const next: Ticket = {
    ...ticket,
    status: "pending",
    snoozedUntil: null,
    respondedAt: ticket.respondedAt ?? reply.now,
    lastMessageId: reply.messageId,
    lastMessageKind: "reply",
    aggregateVersion: ticket.aggregateVersion + 1,
    conversationVersion: ticket.conversationVersion + 1,
    updatedAt: reply.now,
  };
  const message: StoredMessage = {
    tenant: ticket.tenant,
    messageId: reply.messageId,
    ticketId: ticket.ticketId,
    kind: "reply",
    author: reply.author,
    source: null,
    externalId: null,
    submissionId: null,
    submissionHash: null,
    correlationId: reply.correlationId,
    sourceText: reply.text,
    textHash: sha256Hex(reply.text),
    fullTextRef: null,
    automatic: false,
    conversationVersion: next.conversationVersion,
    state: "queued",
    origin: reply.origin,
    draftId: reply.draftId,
    channelMessageId: channelMessageIdOf(ticket.tenant, reply.messageId),
    sendAfter: new Date(Date.parse(reply.now) + reply.undoSeconds * 1_000).toISOString(),
    at: reply.now,
  };
  return { ticket: next, message, events: [messageAdded(next, message)], jobs: [sendJob(message, reply.undoSeconds)] };
}

export const messageAdded = (ticket: Ticket, message: StoredMessage): NewEvent => ({
  type: "ticket.message_added",
  key: ticket.ticketId,
  data: {
    ...refOf(ticket),
    subject: ticket.subject,
    message: messageOf(message),
    ...(message.draftId === null ? {} : { draftId: message.draftId }),
  } satisfies TicketMessageAdded,
});

export interface SendReply {
  readonly ticketId: string;
  readonly messageId: string;
}

const sendJob = (message: StoredMessage, undoSeconds: number): NewJob => ({
  queue: "reply.send",
  key: message.ticketId,
  data: { ticketId: message.ticketId, messageId: message.messageId } satisfies SendReply,
  ...(undoSeconds === 0 ? {} : { startAfterSeconds: undoSeconds }),
});
