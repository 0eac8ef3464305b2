import { idFor } from "@opsdesk/identity";

/** A ticket whose draft waits for a person. */
export interface RacedTicket {
  readonly ticketId: string;
  readonly reference: string;
  readonly reviewId: string;
  readonly draftId: string;
  readonly fingerprint: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
}

/** The id of an event about it, or of a decision in one. */
export const eventIdOf = (ticket: RacedTicket, action: string): string => idFor(`race:${action}:${ticket.ticketId}`);
