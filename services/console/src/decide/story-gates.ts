import type { Envelope } from "@opsdesk/schemas/envelope";
import { ofType } from "./story-events.ts";

export interface ToldGate {
  readonly at: string;
  readonly eventId: string;
  readonly verdict: "review" | "auto_send";
  readonly conversationVersion: number;
  readonly reviewId: string;
  readonly draftId: string;
  readonly reasons: { readonly rule: string; readonly words: string }[];
  readonly gateVersion: string;
  readonly policyHash: string;
  readonly decisionHash: string;
}

/** Every judgement of the gate with the rules that decided it. */
export function gatesOf(events: readonly Envelope[]): readonly ToldGate[] {
  const judged = [
    ...ofType(events, "ai.draft.review_required").map((event) => ({ event, verdict: "review" as const })),
    ...ofType(events, "ai.draft.auto_approved").map((event) => ({ event, verdict: "auto_send" as const })),
  ];
  return judged
    .map(({ event: { data, id, time }, verdict }) => ({
      at: time,
      eventId: id,
      verdict,
      conversationVersion: data.conversationVersion,
      reviewId: data.reviewId,
      draftId: data.draftId,
      reasons: data.reasons,
      gateVersion: data.gateVersion,
      policyHash: data.policyHash,
      decisionHash: data.decisionHash,
    }))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
