import { type Outcome, done } from "@opsdesk/messaging/outcome";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { TicketChanged } from "@opsdesk/schemas/ticket-changed";
import type { TicketMessageAdded } from "@opsdesk/schemas/ticket-message-added";
import type { DispositionMove } from "./state.ts";

export interface TicketNews {
  readonly tenant: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly conversationVersion: number;
  readonly aggregateVersion: number;
  /** Absent when the news says nothing about it. */
  readonly closed?: boolean;
}

export interface MessageRows {
  readonly ticket: TicketNews;
  readonly disposition?: DispositionMove;
}

const place = (
  tenant: string,
  { ticketId, reference, conversationVersion, aggregateVersion }: Omit<TicketNews, "tenant">,
): TicketNews => ({
  tenant,
  ticketId,
  reference,
  conversationVersion,
  aggregateVersion,
});

/** How far the conversation has come, and which draft a reply was made from. */
export function messageAdded({ tenantid: tenant, data }: Envelope<TicketMessageAdded>): Outcome<MessageRows> {
  const ticket = place(tenant, data);
  if (data.draftId === undefined) return done({ rows: { ticket } });
  return done({
    rows: { ticket, disposition: { tenant, draftId: data.draftId, to: "applied", reason: "reply_released" } },
  });
}

/** Whether the ticket is closed now, where the change says so. A merged ticket lives on in another. */
export function ticketChanged({ tenantid: tenant, data }: Envelope<TicketChanged>): Outcome<TicketNews> {
  const ticket = place(tenant, data);
  const { status, mergedInto } = data.after;
  if (mergedInto !== undefined && mergedInto !== null) return done({ rows: { ...ticket, closed: true } });
  return done({
    rows: status === undefined ? ticket : { ...ticket, closed: status === "closed" || status === "resolved" },
  });
}
