import { type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { Actor } from "@opsdesk/schemas/common";
import type { TicketRows } from "./book.ts";
import { isUnsafe } from "./clip-text.ts";
import type { Refusal } from "./codes.ts";
import { postReply, replyId } from "./post-message.ts";
import { retirePending, retired, retiredEvent } from "./retire-drafts.ts";
import { type Draft, type Origin, type Ticket, isClosed } from "./ticket.ts";

/** An approval to send a draft, as the gate or a reviewer gave it. */
export interface Approval {
  readonly draftId: string;
  readonly conversationVersion: number;
  readonly text: string;
  readonly origin: Exclude<Origin, "person">;
  readonly actor: Actor;
  readonly correlationId: string;
}

/**
 * Whether an approved draft goes out: the only place where that is decided.
 *
 * A draft leaves only into the conversation that it was computed from, once, and never to a machine. Whoever loses
 * is told by `ai.draft.retired` (apply_refused); only a second approval of a draft that has left is passed over in
 * silence, because telling it would look as if the draft had not gone.
 */
export function releaseReply(
  approval: Approval,
  ticket: Ticket | undefined,
  drafts: readonly Draft[],
  now: string,
): Outcome<TicketRows> {
  const draft = drafts.find((known) => known.draftId === approval.draftId);
  // Topics have no order between them: the approval may have overtaken the proposal.
  if (ticket === undefined || draft === undefined)
    return defer("draft_not_arrived", {
      until: `draft:${approval.draftId}`,
      retryAfterSeconds: 5,
      giveUpAfterSeconds: 3_600,
    });
  if (draft.state === "released") return ignore("already_released");
  const refusal = whyNot(approval, ticket, draft);
  if (refusal !== undefined) {
    const detail = `${refusal.code}: ${refusal.message}`;
    const reason = "apply_refused";
    return done({
      rows:
        draft.state === "pending"
          ? { tickets: [{ ...ticket, updatedAt: now }], drafts: [retired(draft, { reason, now })] }
          : {},
      events: [retiredEvent(ticket, draft.draftId, { reason, detail })],
    });
  }
  const posted = postReply(ticket, {
    messageId: replyId(ticket.tenant, "draft", draft.draftId),
    text: approval.text,
    author: approval.actor,
    origin: approval.origin,
    draftId: draft.draftId,
    correlationId: approval.correlationId,
    now,
    // The undo window of a reviewed draft is the gate's: what arrives here is past it.
    undoSeconds: 0,
  });
  const others = retirePending(posted.ticket, drafts, { reason: "newer_message", supersededBy: draft.draftId, now });
  return done({
    rows: {
      tickets: [posted.ticket],
      messages: [posted.message],
      drafts: [{ ...draft, state: "released", settledAt: now }, ...others.drafts],
    },
    jobs: posted.jobs,
    events: [...posted.events, ...others.events],
  });
}

function whyNot(approval: Approval, ticket: Ticket, draft: Draft): Refusal | undefined {
  if (ticket.mergedInto !== null) return { code: "ticket_merged", message: "the ticket was merged into another" };
  if (isClosed(ticket)) return { code: "ticket_closed", message: `the ticket is ${ticket.status}` };
  // Said before "retired", because it is why: a reviewer learns that a colleague was faster.
  if (ticket.conversationVersion > draft.conversationVersion && ticket.lastMessageKind === "reply")
    return { code: "person_replied", message: "a reply has already gone out" };
  if (
    ticket.conversationVersion !== draft.conversationVersion ||
    approval.conversationVersion !== draft.conversationVersion
  )
    return {
      code: "stale_version",
      message: `the draft answers conversation version ${draft.conversationVersion}, the approval names ${approval.conversationVersion}, the conversation is at ${ticket.conversationVersion}`,
    };
  if (draft.state !== "pending")
    return {
      code: "draft_retired",
      message: `the draft is ${draft.state}${draft.retiredReason === null ? "" : ` (${draft.retiredReason})`}`,
    };
  if (ticket.lastCustomerAutomatic)
    return {
      code: "automatic_mail",
      message: "the message was sent by a machine; only a person's own reply may answer it",
    };
  if (approval.text.trim() === "") return { code: "nothing_to_send", message: "the approved text is empty" };
  if (isUnsafe(approval.text))
    return { code: "text_unsafe", message: "the text holds a NUL or half of a surrogate pair" };
  return undefined;
}
