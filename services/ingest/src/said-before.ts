import type { Envelope } from "@opsdesk/schemas/envelope";
import { type Said, type SaidBefore, saidIn } from "./decide/said-before.ts";
import type { Businesses } from "./store/businesses.ts";

/** Knows nothing until it is told, which only a recovery does. */
export function saidBefore(
  businesses: Businesses,
): SaidBefore & { readonly learn: (facts: readonly Envelope[]) => void } {
  let said: Said = { references: new Map(), replies: new Map(), lastNumbers: new Map() };
  return {
    referenceOf: (ticketId) => said.references.get(ticketId),
    replyEnded: (messageId) => said.replies.get(messageId),
    learn(facts) {
      said = saidIn(facts);
      for (const [tenant, last] of said.lastNumbers) businesses.skipNumbers(tenant, last);
    },
  };
}
