import { prefixedId } from "@opsdesk/identity";
import type { NewEvent, NewJob } from "@opsdesk/messaging/outcome";
import type { Desk } from "@opsdesk/schemas/desk";
import type { FollowupSuggested } from "@opsdesk/schemas/followup-suggested";
import { clip } from "./clip.ts";
import type { Ticket, Triage } from "./ticket.ts";

/** Risks that the desk's signals name and that somebody should act on beside the reply. */
const FOLLOW_UP_RISKS = ["phone_contact", "urgent"] as const;
export type FollowupCause = (typeof FOLLOW_UP_RISKS)[number] | "taken_over";

export interface FollowupJob {
  readonly ticketId: string;
  readonly conversationVersion: number;
  readonly cause: FollowupCause;
  /** Who took the ticket over. */
  readonly personId?: string;
}

const TITLE_CHARACTERS_MAX = 300;

/** One suggestion a ticket and cause, however often the customer repeats it. */
export const suggestionId = (ticketId: string, cause: FollowupCause): string =>
  prefixedId("sug", `${ticketId}:${cause}`);

/** The job that triage's findings ask for: a call covers urgency, so there is one at most. */
export function followupJob(triage: Triage): NewJob | undefined {
  const cause = FOLLOW_UP_RISKS.find((id) => triage.risks.some((risk) => risk.id === id));
  if (cause === undefined) return undefined;
  const data: FollowupJob = { ticketId: triage.ticketId, conversationVersion: triage.conversationVersion, cause };
  return { queue: "suggest.followup", key: triage.ticketId, data, ordinal: cause };
}

const TITLES: Readonly<Record<FollowupCause, (who: string, reference: string) => string>> = {
  phone_contact: (who, reference) => `Call ${who} about ${reference}`,
  urgent: (who, reference) => `Attend to ${reference} at once: ${who} reports something urgent`,
  taken_over: (who, reference) => `Answer ${who} about ${reference}`,
};

const minutesFor = ({ responseTargets }: Desk, priority: string): number =>
  Object.entries(responseTargets).find(([name]) => name === priority)?.[1] ?? responseTargets.normal;

/** What should be done, by whom and until when: the category's owner, or the desk's lead, within the response target. */
export function followup(job: FollowupJob, ticket: Ticket, triage: Triage | null, desk: Desk, now: string): NewEvent {
  const { facts, reference } = ticket.body;
  const priority = triage?.priority ?? facts.priority;
  const owner = desk.categories.find(({ id }) => id === triage?.categoryId)?.ownerId ?? desk.leadId;
  const reason =
    triage?.risks.find((risk) => risk.id === job.cause)?.detail ?? "A reviewer took the conversation over.";
  const name = facts.customer.name.trim();
  const data: FollowupSuggested = {
    ticketId: ticket.ticketId,
    reference,
    aggregateVersion: ticket.body.aggregateVersion,
    conversationVersion: job.conversationVersion,
    suggestionId: suggestionId(ticket.ticketId, job.cause),
    title: clip(TITLES[job.cause](name === "" ? "the customer" : name, reference), TITLE_CHARACTERS_MAX),
    ownerId: desk.people.some(({ id }) => id === job.personId) ? (job.personId ?? owner) : owner,
    dueAt: new Date(Date.parse(now) + minutesFor(desk, priority) * 60_000).toISOString(),
    reason: clip(reason, TITLE_CHARACTERS_MAX),
  };
  return { type: "followup.suggested", key: ticket.ticketId, data };
}
