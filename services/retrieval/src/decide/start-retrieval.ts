import { type NewEvent, type Outcome, defer, done } from "@opsdesk/messaging/outcome";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { Desk } from "@opsdesk/schemas/desk";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import type { RetrievalPolicy } from "./retrieval-policy.ts";

/** What a ticket's search needs, kept from its triage. */
export interface RetrievalRequest {
  readonly tenant: string;
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly aggregateVersion: number;
  readonly reference: string;
  readonly searchText: string;
  readonly locale: string;
  readonly preferredSources: readonly string[];
  readonly requestedAt: string;
}

/** The job's input; enough to answer for it even when nothing else can be read. */
export interface RetrieveContext {
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly aggregateVersion: number;
  readonly reference: string;
}

const DESK_WAIT_SECONDS_MAX = 600;

/** The language to search in: that of the enquiry where it has one, the desk's own otherwise. */
export function localeOf(language: string, desk: Desk): string {
  const told = /^[a-z]{2}(?=$|-)/.exec(language.toLowerCase())?.[0];
  return told ?? desk.business.locale.slice(0, 2);
}

/** Sources that the category's approved templates rest on. */
const groundsOf = (desk: Desk, categoryId: string | null): string[] => [
  ...new Set(
    desk.templates.filter((template) => template.categoryId === categoryId).flatMap((template) => template.grounds),
  ),
];

/** An answer without a search, so that a ticket's chain goes on where there is nothing to search for. */
function withoutSearch(ticket: TicketTriaged, reason: string, policy: RetrievalPolicy): NewEvent {
  const { ticketId, reference, aggregateVersion, conversationVersion } = ticket;
  const data: ContextRetrieved = {
    ticketId,
    reference,
    aggregateVersion,
    conversationVersion,
    outcome: "weak",
    reason,
    evidence: [],
    retrievalPolicy: policy.id,
    runs: [],
  };
  return { type: "context.retrieved", key: ticketId, subject: ticketId, data };
}

/** Every triaged conversation version is answered by exactly one `context.retrieved`: at once, or by the job sent here. */
export function startRetrieval(
  tenant: string,
  ticket: TicketTriaged,
  desk: Desk | undefined,
  policy: RetrievalPolicy,
  now: string,
): Outcome<RetrievalRequest> {
  if (ticket.outcome !== "triaged")
    return done({ events: [withoutSearch(ticket, `triage_${ticket.outcome}`, policy)] });
  const searchText = ticket.searchText.toWellFormed().replaceAll("\u0000", " ").trim();
  if (searchText === "") return done({ events: [withoutSearch(ticket, "nothing_to_search", policy)] });
  if (desk === undefined)
    return defer("desk_not_configured", {
      until: `desk:${tenant}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: DESK_WAIT_SECONDS_MAX,
    });
  const { ticketId, conversationVersion, aggregateVersion, reference } = ticket;
  const data: RetrieveContext = { ticketId, conversationVersion, aggregateVersion, reference };
  return done({
    rows: {
      tenant,
      ...data,
      searchText,
      locale: localeOf(ticket.language, desk),
      preferredSources: groundsOf(desk, ticket.categoryId),
      requestedAt: now,
    },
    jobs: [{ queue: "retrieve.context", key: ticketId, data }],
  });
}
