import { type NewJob, type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { AiDraftAutoApproved } from "@opsdesk/schemas/ai-draft-auto-approved";
import type { AiDraftReviewRequired } from "@opsdesk/schemas/ai-draft-review-required";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { Awaited } from "./awaited.ts";
import { type Observation, observe } from "./observe.ts";
import { type FinishWork, QUEUES } from "./queues.ts";

export type Disposition = "auto_approved" | "review_required";

export interface AnswerRow {
  readonly scenario: Awaited;
  readonly ticketId: string;
  readonly disposition: Disposition;
  readonly answeredAt: string;
  /** From the submission of the run to the gate's word. */
  readonly latencyMs: number;
  readonly observation: Observation;
}

/** The first disposition counts; a second one for the same conversation is not what the customer got. */
export function recordAnswer(
  scenario: Awaited,
  event: Envelope<AiDraftAutoApproved | AiDraftReviewRequired>,
  disposition: Disposition,
  desk: Desk | undefined,
): Outcome<AnswerRow> {
  if (scenario.disposition !== null) return ignore("already_answered");
  return done({
    rows: {
      scenario: { ...scenario, disposition, ticketId: scenario.ticketId ?? event.data.ticketId },
      ticketId: event.data.ticketId,
      disposition,
      answeredAt: event.time,
      latencyMs: Math.max(0, Date.parse(event.time) - Date.parse(scenario.submittedAt)),
      observation: observe(event.data, desk),
    },
    jobs: [scoreJob(scenario)],
  });
}

/**
 * Asks whether the run can end. One for everything that comes in, since two handlers that end a run between them
 * cannot see each other's rows: the job of whoever commits last sees both.
 */
export function scoreJob({ tenant, runId }: Awaited): NewJob {
  const data: FinishWork = { tenant, runId };
  return { queue: QUEUES.score, key: runId, data };
}
