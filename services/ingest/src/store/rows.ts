import type { Customer } from "@opsdesk/schemas/common";

/** Rows as this slice keeps them, in the words of its decisions: times are RFC 3339, nothing is undefined. */
export interface TicketRow {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly source: string;
  readonly externalId: string | null;
  readonly correlationId: string;
  readonly channel: string;
  readonly customer: Customer;
  readonly subject: string;
  readonly status: string;
  readonly priority: string;
  readonly priorityBy: string;
  readonly categoryId: string | null;
  readonly categoryBy: string;
  readonly assigneeId: string | null;
  readonly snoozedUntil: string | null;
  readonly mergedInto: string | null;
  readonly responseDueAt: string;
  readonly respondedAt: string | null;
  readonly triagedVersion: number;
  readonly lastMessageId: string;
  readonly lastMessageKind: string;
  readonly lastCustomerAutomatic: boolean;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  /** Null for a ticket that is not in the table yet. */
  readonly loadedVersion: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface MessageRow {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly kind: string;
  readonly author: unknown;
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
  readonly state: string | null;
  readonly origin: string | null;
  readonly draftId: string | null;
  readonly channelMessageId: string | null;
  readonly sendAfter: string | null;
  readonly at: string;
}

export interface DraftRow {
  readonly tenant: string;
  readonly draftId: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly outcome: string;
  readonly state: string;
  readonly retiredReason: string | null;
  readonly templateId: string | null;
  readonly sentences: unknown;
  readonly cites: unknown;
  readonly proposedAt: string;
  readonly settledAt: string | null;
}

export interface DocumentRow {
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

export interface FollowUpRow {
  readonly tenant: string;
  readonly followUpId: string;
  readonly ticketId: string;
  readonly title: string;
  readonly ownerId: string;
  readonly dueAt: string;
  readonly status: string;
  readonly reason: string | null;
  readonly at: string;
  readonly doneAt: string | null;
}

export interface ContactRow {
  readonly tenant: string;
  readonly contactId: string;
  readonly ticketId: string;
  readonly channel: string;
  readonly reached: boolean;
  readonly said: string;
  readonly actor: unknown;
  readonly at: string;
}

/** What one decision changes. */
export interface ChangedRows {
  readonly tickets?: readonly TicketRow[];
  readonly messages?: readonly MessageRow[];
  /** Queued replies that were taken back. */
  readonly undone?: readonly { readonly tenant: string; readonly messageId: string }[];
  readonly drafts?: readonly DraftRow[];
  readonly documents?: readonly DocumentRow[];
  readonly followUps?: readonly FollowUpRow[];
  readonly contacts?: readonly ContactRow[];
  readonly counter?: { readonly tenant: string; readonly nextNumber: number };
}

/** Names one row of a tenant. */
export interface Wanted {
  readonly tenant: string;
  readonly id: string;
}
