import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import { contentHash } from "@opsdesk/identity";
import type { DecisionState } from "./decision.ts";
import { TENANT, aDesk } from "./proposal.fixture.ts";
import { type ReviewState, keyOf } from "./state.ts";

const FINGERPRINT = contentHash("what was read");

export const aReview = (change: Partial<ReviewState> = {}): ReviewState => ({
  tenant: TENANT,
  reviewId: "rev_1",
  draftId: "drf_1",
  ticketId: "tkt_1",
  reference: "OD-1025",
  aggregateVersion: 3,
  conversationVersion: 1,
  categoryId: "vpn",
  ownerId: "priya",
  status: "pending",
  version: 1,
  fingerprint: FINGERPRINT,
  draft: {
    text: "Hello Maya. Restart the router.",
    sentences: [
      { text: "Hello Maya.", source: "template", citations: [] },
      { text: "Restart the router.", source: "slot", citations: [{ chunkId: "c1", quote: "Restart the router." }] },
    ],
    templateId: "vpn-how-to",
  },
  linkUsed: false,
  outcome: null,
  ...change,
});

export const aDecision = (change: Partial<DraftDecisionSubmitted> = {}): DraftDecisionSubmitted => ({
  decisionId: "dec_1",
  reviewId: "rev_1",
  ticketId: "tkt_1",
  decision: "approve",
  actor: { kind: "person", id: "priya" },
  via: "console",
  fingerprint: FINGERPRINT,
  openedAt: "2026-11-20T14:11:00.000Z",
  decidedAt: "2026-11-20T14:12:04.000Z",
  openedEvidence: ["vpn-guide@2#1"],
  ...change,
});

export const aDecisionState = (
  change: Partial<DecisionState> = {},
  review: ReviewState | undefined = aReview(),
): DecisionState => ({
  desks: new Map([[TENANT, { desk: aDesk() }]]),
  reviews: new Map([[keyOf(TENANT, "rev_1"), review]]),
  taken: new Map(),
  tickets: new Map(),
  heads: new Map(),
  ...change,
});
