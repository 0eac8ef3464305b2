import type { NewEvent } from "@opsdesk/messaging/outcome";
import type { Channel, Customer } from "@opsdesk/schemas/common";
import type { ReplyFailed } from "@opsdesk/schemas/reply-failed";
import type { ReplySent } from "@opsdesk/schemas/reply-sent";
import type { Refusal } from "./codes.ts";
import { cut } from "./clip-text.ts";
import { isShadow } from "./plan-desk.ts";
import type { Origin, ReplyState } from "./ticket.ts";

/** More machine-written replies an hour to one customer than any conversation needs: two machines are talking. */
export const MACHINE_REPLIES_PER_HOUR_MAX = 10;

/** A reply on its way, with its ticket as it stands. */
export interface QueuedReply {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly aggregateVersion: number;
  readonly conversationVersion: number;
  readonly channel: Channel;
  readonly customer: Customer;
  readonly subject: string;
  readonly text: string;
  readonly state: ReplyState;
  readonly origin: Origin;
  readonly draftId: string | null;
  readonly channelMessageId: string;
  readonly queuedAt: string;
  readonly sendAfter: string;
  /** Message-IDs of the customer's messages, oldest first. */
  readonly answers: readonly string[];
  /** Whether the message that it answers was sent by a machine. */
  readonly answersAutomatic: boolean;
  /** Machine-written replies that went to this customer within the last hour. */
  readonly machineRepliesLastHour: number;
}

export type Carrier = "record" | "smtp" | "capture";

/**
 * Stands in `sendAfter` once nobody may take the reply back any more, and that is stored. Any time that is long past
 * would do, also for an earlier release.
 */
export const LEAVING = "1970-01-01T00:00:00.000Z";

export type SendDecision =
  | { readonly go: "send"; readonly carrier: Carrier }
  | { readonly go: "close" }
  | { readonly go: "skip"; readonly reason: string }
  | { readonly go: "wait"; readonly seconds: number }
  | { readonly go: "fail"; readonly refusal: Refusal };

/** Whether a queued reply leaves now, and by what. `configured` is what this installation sends with. */
export function decideSend(reply: QueuedReply, configured: Carrier, now: string): SendDecision {
  if (reply.state !== "queued") return { go: "skip", reason: `reply_${reply.state}` };
  // Until then it may be taken back: see the undo command, which refuses from the same moment on.
  const waitMs = Date.parse(reply.sendAfter) - Date.parse(now);
  if (waitMs > 0) return { go: "wait", seconds: Math.ceil(waitMs / 1_000) };
  // One that was decided just before may be committed only now: it, or this, is first, and the other sees that.
  if (reply.sendAfter !== LEAVING && reply.sendAfter !== reply.queuedAt) return { go: "close" };
  if (reply.origin !== "person" && reply.answersAutomatic)
    return {
      go: "fail",
      refusal: {
        code: "automatic_mail",
        message: "the message was sent by a machine; only a person's own reply may answer it",
      },
    };
  if (reply.origin !== "person" && reply.machineRepliesLastHour >= MACHINE_REPLIES_PER_HOUR_MAX)
    return {
      go: "fail",
      refusal: {
        code: "mail_loop",
        message: `${reply.machineRepliesLastHour} machine-written replies went to this customer within an hour`,
      },
    };
  // Evaluation never touches the real world, whatever this installation sends with.
  if (isShadow(reply.tenant)) return { go: "send", carrier: "capture" };
  if (configured !== "smtp" || reply.channel !== "email")
    return { go: "send", carrier: configured === "smtp" ? "record" : configured };
  if (reply.customer.email === undefined)
    return { go: "fail", refusal: { code: "recipient_missing", message: "the customer has no e-mail address" } };
  return { go: "send", carrier: "smtp" };
}

const common = ({
  ticketId,
  reference,
  aggregateVersion,
  conversationVersion,
  messageId,
  draftId,
  origin,
  channel,
}: QueuedReply) => ({
  ticketId,
  reference,
  aggregateVersion,
  conversationVersion,
  messageId,
  draftId,
  origin,
  channel,
});

export const sentEvent = (reply: QueuedReply, carrier: Carrier, now: string): NewEvent => ({
  type: "reply.sent",
  key: reply.ticketId,
  data: {
    ...common(reply),
    carrier,
    channelMessageId: reply.channelMessageId,
    text: reply.text,
    sentAt: now,
  } satisfies ReplySent,
});

export const failedEvent = (reply: QueuedReply, code: string, message: string): NewEvent => ({
  type: "reply.failed",
  key: reply.ticketId,
  data: { ...common(reply), code: cut(code, 200), message: cut(message, 300) } satisfies ReplyFailed,
});
