import { type Outcome, done, reject } from "@opsdesk/messaging/outcome";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { AiDraftRetired } from "@opsdesk/schemas/ai-draft-retired";
import type { TicketRows } from "./book.ts";
import { retiredEvent } from "./retire-drafts.ts";
import { type Cite, type Draft, type Ticket, isClosed } from "./ticket.ts";

/**
 * Keeps what triage ended a conversation version with, also where that is no draft: a review of nothing must fall
 * with its version like any other. What arrives after the conversation has moved on is retired at once.
 */
export function keepDraft(
  proposed: AiDraftProposed,
  ticket: Ticket | undefined,
  known: readonly Draft[],
  now: string,
): Outcome<TicketRows> {
  if (ticket === undefined) return reject("ticket_unknown", `there is no ticket ${proposed.ticketId}`);
  const earlier = known.filter(
    (draft) =>
      draft.state === "pending" &&
      draft.conversationVersion === proposed.conversationVersion &&
      draft.draftId !== proposed.draftId,
  );
  const reason = whyRetired(proposed, ticket);
  const draft: Draft = {
    tenant: ticket.tenant,
    draftId: proposed.draftId,
    ticketId: ticket.ticketId,
    conversationVersion: proposed.conversationVersion,
    outcome: proposed.outcome,
    state: reason === undefined ? "pending" : "retired",
    retiredReason: reason ?? null,
    templateId: proposed.templateId,
    sentences: proposed.sentences,
    cites: citesOf(proposed),
    proposedAt: now,
    settledAt: reason === undefined ? null : now,
  };
  // A second proposal for the same version is a rerun: only the newer one stands.
  const replaced = reason === undefined ? earlier : [];
  return done({
    // The ticket is written too, so that a message that comes in meanwhile makes this decision again.
    rows: {
      tickets: [{ ...ticket, updatedAt: now }],
      drafts: [
        draft,
        ...replaced.map((old): Draft => ({ ...old, state: "retired", retiredReason: "rerun", settledAt: now })),
      ],
    },
    events: [
      ...(reason === undefined ? [] : [retiredEvent(ticket, draft.draftId, { reason })]),
      ...replaced.map((old) => retiredEvent(ticket, old.draftId, { reason: "rerun", supersededBy: draft.draftId })),
    ],
    wakes: [`draft:${draft.draftId}`],
  });
}

function whyRetired({ conversationVersion }: AiDraftProposed, ticket: Ticket): AiDraftRetired["reason"] | undefined {
  if (ticket.mergedInto !== null || isClosed(ticket)) return "ticket_closed";
  if (conversationVersion >= ticket.conversationVersion) return undefined;
  return ticket.lastMessageKind === "reply" ? "person_replied" : "newer_message";
}

/** The sources that the draft's words rest on. */
function citesOf({ sentences, evidence }: AiDraftProposed): readonly Cite[] {
  const quoted = new Set(sentences.flatMap((sentence) => sentence.citations.map((citation) => citation.chunkId)));
  const cites = new Map<string, Cite>();
  for (const { citation } of evidence) {
    if (quoted.has(citation.chunkId))
      cites.set(`${citation.sourceId}@${citation.version}`, { sourceId: citation.sourceId, version: citation.version });
  }
  return [...cites.values()];
}
