import type { Desk } from "@opsdesk/schemas/desk";
import type { Ticket } from "./ticket.ts";

export type NotRun = "ai_disabled" | "ticket_closed" | "superseded";

/** Why a conversation version is not worth a model any more; undefined when it is. */
export function whyNotRun(desk: Desk, ticket: Ticket, conversationVersion: number): NotRun | undefined {
  if (!desk.ai.enabled) return "ai_disabled";
  if (ticket.closed) return "ticket_closed";
  return ticket.conversationVersion > conversationVersion ? "superseded" : undefined;
}
