import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { Awaited } from "./awaited.ts";
import { scoreJob } from "./record-answer.ts";

/** What became of an automatic reply. `carrier` and `text` are known of what left. */
export interface ReplyFound {
  readonly outcome: "sent" | "failed" | "retired";
  readonly carrier: string | null;
  readonly text: string | null;
}

export interface ReplyRow extends ReplyFound {
  readonly scenario: Awaited;
}

/**
 * It may come before the gate's word, since topics have no order between them. What has left or failed says more
 * than that a draft was retired, and stays.
 */
export function recordReply(scenario: Awaited, found: ReplyFound): Outcome<ReplyRow> {
  const known = scenario.replyOutcome;
  if (known !== null && (known !== "retired" || found.outcome === "retired")) return ignore("reply_already_known");
  return done({
    rows: { ...found, scenario: { ...scenario, replyOutcome: found.outcome } },
    jobs: [scoreJob(scenario)],
  });
}
