import type { Envelope } from "@opsdesk/schemas/envelope";
import type { ReplyFailed } from "@opsdesk/schemas/reply-failed";
import type { ReplySent } from "@opsdesk/schemas/reply-sent";
import type { TicketCreated } from "@opsdesk/schemas/ticket-created";

interface ReplyEnd {
  readonly state: "sent" | "failed";
  readonly at: string;
}

/** What customers and everybody else were told by a service whose rows were lost. Empty but after a restore. */
export interface SaidBefore {
  /** The reference of a ticket. */
  readonly referenceOf: (ticketId: string) => string | undefined;
  /** How a reply ended, by its message id. */
  readonly replyEnded: (messageId: string) => ReplyEnd | undefined;
}

export const NOTHING_SAID: SaidBefore = { referenceOf: () => undefined, replyEnded: () => undefined };

export interface Said {
  readonly references: ReadonlyMap<string, string>;
  readonly replies: ReadonlyMap<string, ReplyEnd>;
  /** The highest number among the references of each tenant. */
  readonly lastNumbers: ReadonlyMap<string, number>;
}

/** Reads it from the service's own events. */
export function saidIn(facts: readonly Envelope[]): Said {
  const references = new Map<string, string>();
  const replies = new Map<string, ReplyEnd>();
  const lastNumbers = new Map<string, number>();
  for (const { data, tenantid, time, type } of facts) {
    // Each has been read under the contract of its type.
    if (type === "ticket.created") {
      const { reference, ticketId } = data as TicketCreated;
      references.set(ticketId, reference);
      const number = Number(/\d+$/.exec(reference)?.[0] ?? 0);
      lastNumbers.set(tenantid, Math.max(lastNumbers.get(tenantid) ?? 0, number));
    }
    if (type === "reply.sent") {
      const { messageId, sentAt } = data as ReplySent;
      replies.set(messageId, { state: "sent", at: sentAt });
    }
    if (type === "reply.failed") replies.set((data as ReplyFailed).messageId, { state: "failed", at: time });
  }
  return { references, replies, lastNumbers };
}
