import type { Actor, Channel, Customer, Priority, TicketStatus } from "@opsdesk/schemas/common";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";

/** Who set a field: what a person has set, no rule and no model changes. */
type SetBy = "rule" | "triage" | "person";

/**
 * A ticket as decisions see it. `aggregateVersion` rises with every change that an event tells;
 * `conversationVersion` only with what changes the conversation: a draft holds for one of them.
 */
export interface Ticket {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly source: string;
  readonly externalId: string | null;
  readonly correlationId: string;
  readonly channel: Channel;
  readonly customer: Customer;
  readonly subject: string;
  readonly status: TicketStatus;
  readonly priority: Priority;
  readonly priorityBy: SetBy;
  readonly categoryId: string | null;
  readonly categoryBy: SetBy;
  readonly assigneeId: string | null;
  readonly snoozedUntil: string | null;
  readonly mergedInto: string | null;
  readonly responseDueAt: string;
  readonly respondedAt: string | null;
  readonly triagedVersion: number;
  readonly lastMessageId: string;
  readonly lastMessageKind: "customer" | "reply";
  readonly lastCustomerAutomatic: boolean;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  /** The row's version when it was loaded: what its update is conditional on. Null for a ticket that is new. */
  readonly loadedVersion: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Cite {
  readonly sourceId: string;
  readonly version: number;
}

/** What triage ended a conversation version with. `outcome` other than `proposed` has no words to send. */
export interface Draft {
  readonly tenant: string;
  readonly draftId: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly outcome: AiDraftProposed["outcome"];
  readonly state: "pending" | "released" | "declined" | "retired";
  readonly retiredReason: string | null;
  readonly templateId: string | null;
  readonly sentences: AiDraftProposed["sentences"];
  readonly cites: readonly Cite[];
  readonly proposedAt: string;
  readonly settledAt: string | null;
}

export type ReplyState = "queued" | "sent" | "failed" | "undone";
export type Origin = "auto" | "reviewed" | "person";

export interface StoredMessage {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly kind: "customer" | "reply" | "note";
  readonly author: Actor;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly submissionId: string | null;
  readonly submissionHash: string | null;
  readonly correlationId: string;
  readonly sourceText: string;
  readonly textHash: string;
  readonly fullTextRef: string | null;
  readonly automatic: boolean;
  readonly conversationVersion: number;
  readonly state: ReplyState | null;
  readonly origin: Origin | null;
  readonly draftId: string | null;
  readonly channelMessageId: string | null;
  readonly sendAfter: string | null;
  readonly at: string;
}

export interface StoredDocument {
  readonly tenant: string;
  readonly documentId: string;
  readonly ticketId: string;
  readonly messageId: string;
  readonly name: string;
  readonly blobRef: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly at: string;
}

export interface FollowUp {
  readonly tenant: string;
  readonly followUpId: string;
  readonly ticketId: string;
  readonly title: string;
  readonly ownerId: string;
  readonly dueAt: string;
  readonly status: "suggested" | "open" | "done";
  readonly reason: string | null;
  readonly at: string;
  readonly doneAt: string | null;
}

export interface Contact {
  readonly tenant: string;
  readonly contactId: string;
  readonly ticketId: string;
  readonly channel: Channel;
  readonly reached: boolean;
  readonly said: string;
  readonly actor: Actor;
  readonly at: string;
}

/** The version fields that every event of a ticket carries. */
export const refOf = ({ ticketId, reference, aggregateVersion, conversationVersion }: Ticket) => ({
  ticketId,
  reference,
  aggregateVersion,
  conversationVersion,
});

/** Closed for good or for now: no machine writes to its customer. */
export const isClosed = (ticket: Ticket): boolean => ticket.status === "closed" || ticket.status === "resolved";

export const minutesAfter = (time: string, minutes: number): string =>
  new Date(Date.parse(time) + minutes * 60_000).toISOString();
