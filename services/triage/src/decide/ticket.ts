import type { TicketCreated } from "@opsdesk/schemas/ticket-created";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";

/**
 * Words: a *turn* is one conversation version that waits for an answer: the customer wrote, or a document was read.
 * It goes received → triaged → retrieved → ended, and ends with one `ai.draft.proposed`. A turn whose draft lost
 * its knowledge begins again: its *round* rises.
 */
export type Stage = "received" | "triaged" | "retrieved" | "ended";

/** A piece of the conversation by the customer, and the conversation version that it made. */
export interface Part {
  readonly version: number;
  readonly kind: "customer" | "document";
  readonly text: string;
}

export interface TicketBody {
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly facts: Pick<TicketCreated, "source" | "externalId" | "channel" | "customer" | "subject" | "priority">;
  /** Whether the newest words came from a machine. */
  readonly automatic: boolean;
  /** Oldest first. */
  readonly parts: readonly Part[];
  /** The conversation version of the newest reply; 0 before the first. */
  readonly answeredVersion: number;
  /** The aggregate version that opened or closed it last: topics have no order between them. */
  readonly statusVersion: number;
}

export interface Ticket {
  readonly tenant: string;
  readonly ticketId: string;
  /** Of this service's row, for guards. */
  readonly revision: number;
  /** The highest that any event has told. */
  readonly conversationVersion: number;
  readonly closed: boolean;
  readonly body: TicketBody;
}

/** What triage found, as `ticket.triaged` told it. */
export type Triage = Omit<TicketTriaged, "runs" | "searchText">;

/** What a job of a turn carries. A restarted turn has a higher round, so that a job of the old one does nothing. */
export interface TurnJob {
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly round: number;
}

/** The tenant whose desk this is: a shadow uses what its base has learned. */
export const baseTenant = (tenant: string): string => tenant.replace(/~eval$/, "");
export const isShadow = (tenant: string): boolean => tenant.endsWith("~eval");
