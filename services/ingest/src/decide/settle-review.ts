import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftReviewed } from "@opsdesk/schemas/ai-draft-reviewed";
import type { TicketRows } from "./book.ts";
import { changedEvent } from "./changed-event.ts";
import { releaseReply } from "./release-reply.ts";
import { type Draft, type Ticket, isClosed } from "./ticket.ts";

/** What a person's decision about a draft does to the ticket. Who may decide, the gate has checked. */
export function settleReview(
  reviewed: AiDraftReviewed,
  correlationId: string,
  ticket: Ticket | undefined,
  drafts: readonly Draft[],
  now: string,
): Outcome<TicketRows> {
  const { draftId, conversationVersion, decision, actor } = reviewed;
  if (decision !== "approved" && decision !== "edited") return decline(reviewed, ticket, drafts, now);
  const approval = {
    draftId,
    conversationVersion,
    text: reviewed.text ?? "",
    origin: "reviewed",
    actor,
    correlationId,
  } as const;
  return releaseReply(approval, ticket, drafts, now);
}

function decline(
  reviewed: AiDraftReviewed,
  ticket: Ticket | undefined,
  drafts: readonly Draft[],
  now: string,
): Outcome<TicketRows> {
  const draft = drafts.find((known) => known.draftId === reviewed.draftId);
  if (ticket === undefined || draft === undefined)
    return defer("draft_not_arrived", {
      until: `draft:${reviewed.draftId}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: 3_600,
    });
  if (draft.state !== "pending") return ignore(`draft_${draft.state}`);
  const declined: Draft = { ...draft, state: "declined", settledAt: now };
  const takes =
    reviewed.decision === "taken_over" &&
    reviewed.actor.kind === "person" &&
    !isClosed(ticket) &&
    ticket.assigneeId !== reviewed.actor.id;
  if (!takes) return done({ rows: { tickets: [{ ...ticket, updatedAt: now }], drafts: [declined] } });
  // Who takes over a draft has the ticket now, and everyone should see that.
  const taken: Ticket = {
    ...ticket,
    assigneeId: reviewed.actor.id,
    aggregateVersion: ticket.aggregateVersion + 1,
    updatedAt: now,
  };
  return done({
    rows: { tickets: [taken], drafts: [declined] },
    events: [
      changedEvent(
        taken,
        "assigned",
        reviewed.actor,
        { assigneeId: ticket.assigneeId },
        { assigneeId: taken.assigneeId },
      ),
    ],
  });
}
