import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftReviewed } from "@opsdesk/schemas/ai-draft-reviewed";
import { newestWords } from "./conversation.ts";
import { type Lesson, lessonFrom } from "./learn.ts";
import type { FollowupJob } from "./suggest.ts";
import type { Ticket } from "./ticket.ts";
import type { Turn } from "./turn.ts";

/**
 * What triage takes from a review: a category that the reviewer corrected is a lesson, and a conversation that was
 * taken over is something to follow up.
 */
export function learnFromReview(
  review: AiDraftReviewed,
  ticket: Ticket | undefined,
  turn: Turn | undefined,
  tenant: string,
): Outcome<Lesson | undefined> {
  if (ticket === undefined) return ignore("ticket_not_known");
  const { actor, categoryId, conversationVersion, decidedAt, decision, ticketId } = review;
  const version = turn?.conversationVersion ?? conversationVersion;
  const corrected = categoryId !== null && actor.kind === "person" && categoryId !== (turn?.triage?.categoryId ?? null);
  const learned = corrected
    ? lessonFrom({
        tenant,
        categoryId,
        subject: ticket.body.facts.subject,
        text: newestWords(ticket, version),
        at: decidedAt,
      })
    : undefined;
  if (decision !== "taken_over") return learned === undefined ? ignore("nothing_to_learn") : done({ rows: learned });
  const data: FollowupJob = {
    ticketId,
    conversationVersion: version,
    cause: "taken_over",
    ...(actor.kind === "person" ? { personId: actor.id } : {}),
  };
  return done({ rows: learned, jobs: [{ queue: "suggest.followup", key: ticketId, data, ordinal: "taken_over" }] });
}
