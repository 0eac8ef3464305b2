import { type NewEvent, type Outcome, defer, done } from "@opsdesk/messaging/outcome";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import type { Desk } from "@opsdesk/schemas/desk";
import type { TicketTriaged } from "@opsdesk/schemas/ticket-triaged";
import type { RetrievalPolicy } from "./retrieval-policy.ts";
import { type Edge, edgesOf } from "./ticket-edges.ts";

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

/** What a triage leaves behind: where its ticket stands in the graph, and a request where there is something to find. */
export interface StartedRetrieval {
  readonly request?: RetrievalRequest;
  readonly edges: readonly Edge[];
}

/** A triage as it came. */
export interface TriageSeen {
  readonly tenant: string;
  readonly ticket: TicketTriaged;
  /** When it happened, RFC 3339. */
  readonly at: string;
  /** Of the tenant. */
  readonly sites: readonly string[];
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
  { at, sites, tenant, ticket }: TriageSeen,
  desk: Desk | undefined,
  policy: RetrievalPolicy,
  now: string,
): Outcome<StartedRetrieval> {
  const { categoryId, ticketId, conversationVersion, aggregateVersion, reference } = ticket;
  const searchText = ticket.searchText.toWellFormed().replaceAll("\u0000", " ").trim();
  // Also of tickets that nothing is searched for: they count where many have something in common.
  const edges = edgesOf({ tenant, ticketId, reference, aggregateVersion, at }, { categoryId, text: searchText }, sites);
  const without = (reason: string): Outcome<StartedRetrieval> =>
    done({ rows: { edges }, events: [withoutSearch(ticket, reason, policy)] });
  if (ticket.outcome !== "triaged") return without(`triage_${ticket.outcome}`);
  if (searchText === "") return without("nothing_to_search");
  if (desk === undefined)
    return defer("desk_not_configured", {
      until: `desk:${tenant}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: DESK_WAIT_SECONDS_MAX,
    });
  const data: RetrieveContext = { ticketId, conversationVersion, aggregateVersion, reference };
  return done({
    rows: {
      edges,
      request: {
        tenant,
        ...data,
        searchText,
        locale: localeOf(ticket.language, desk),
        preferredSources: groundsOf(desk, categoryId),
        requestedAt: now,
      },
    },
    jobs: [{ queue: "retrieve.context", key: ticketId, data }],
  });
}
