import { RejectedError } from "@opsdesk/errors";
import { type AnyJobStep, type Job, type Outcome, defer, done, ignore, job } from "@opsdesk/messaging";
import type { Channel, OutgoingMail } from "../clients/channel.ts";
import { keyOf } from "../decide/book.ts";
import type { SendReply } from "../decide/post-message.ts";
import { type Carrier, LEAVING, type QueuedReply, decideSend, failedEvent, sentEvent } from "../decide/send-reply.ts";
import { NOTHING_SAID, type SaidBefore } from "../decide/said-before.ts";
import type { Businesses } from "../store/businesses.ts";
import { type SettledReplyRow, queuedReplies, settleReplies } from "../store/queued-replies.ts";

interface State {
  readonly replies: ReadonlyMap<string, QueuedReply>;
  /** Who the replies are from. */
  readonly names: ReadonlyMap<string, string>;
}

const HANDED_MAX = 2_000;
const AGAIN_SECONDS = 300;

export interface ReplySendOptions {
  readonly businesses: Businesses;
  /** What this installation sends with. */
  readonly carrier: Carrier;
  readonly channels: Readonly<Record<Carrier, Channel>>;
  readonly before?: Pick<SaidBefore, "replyEnded">;
}

/** Hands a released reply to its channel. That it goes out was decided before; this only says whether it did. */
export function replySend({ businesses, carrier, channels, before = NOTHING_SAID }: ReplySendOptions): AnyJobStep {
  // What was handed over and could not be written down: it must not leave again for that. By message id.
  const handed = new Map<string, { readonly carrier: Carrier; readonly at: string }>();
  const sent = (reply: QueuedReply, by: Carrier, at: string): Outcome<SettledReplyRow> =>
    done({
      rows: { tenant: reply.tenant, messageId: reply.messageId, state: "sent", at },
      events: [sentEvent(reply, by, at)],
    });
  return job<SendReply, State, SettledReplyRow>("reply.send", {
    load: async (read, jobs) => {
      const rows = await queuedReplies(
        read,
        jobs.map(({ tenant, data }) => ({ tenant, id: data.messageId })),
      );
      const desks = await businesses.byTenant(
        read,
        jobs.map(({ tenant }) => tenant),
      );
      return {
        replies: new Map(rows.map((row) => [keyOf(row.tenant, row.messageId), row])),
        names: new Map([...desks].map(([tenant, { desk }]) => [tenant, desk.business.name])),
      };
    },
    run: async (sending, state, { now, signal }) => {
      const reply = replyOf(sending, state);
      if (reply === undefined) return ignore("message_unknown");
      const ended = before.replyEnded(reply.messageId);
      // It left before its row was lost, and everybody was told.
      if (ended !== undefined && reply.state === "queued")
        return done({ rows: { tenant: reply.tenant, messageId: reply.messageId, ...ended } });
      const earlier = handed.get(reply.messageId);
      if (earlier !== undefined && reply.state === "queued") return sent(reply, earlier.carrier, earlier.at);
      const decision = decideSend(reply, carrier, now);
      switch (decision.go) {
        case "skip":
          return ignore(decision.reason);
        case "wait":
          return defer("undo_window", {
            until: `reply:${reply.messageId}`,
            retryAfterSeconds: decision.seconds,
            giveUpAfterSeconds: 86_400,
          });
        case "close":
          return done({
            rows: { tenant: reply.tenant, messageId: reply.messageId, state: "queued", at: LEAVING },
            jobs: [onward(sending, "leaving")],
          });
        case "fail":
          return failed(reply, decision.refusal.code, decision.refusal.message, now);
        case "send":
          await channels[decision.carrier].send(mailOf(reply, state.names.get(reply.tenant) ?? ""), signal);
          if (handed.size >= HANDED_MAX) handed.delete(handed.keys().next().value ?? "");
          handed.set(reply.messageId, { carrier: decision.carrier, at: now });
          return sent(reply, decision.carrier, now);
      }
    },
    save: settleReplies,
    exhausted: (sending, error, state, { now, ran }) => {
      if (ran) return again(sending);
      const reply = replyOf(sending, state);
      if (reply === undefined || reply.state !== "queued") return ignore("not_queued");
      const code = error instanceof RejectedError ? error.code : "channel_refused";
      return failed(reply, code, error.message, now);
    },
    retry: { limit: 8, delaySeconds: 5, delaySecondsMax: 900, timeoutSeconds: 60 },
    concurrency: 8,
  });
}

/** The same job, gone on with: what it publishes has the ids that it would have had, by which a recovery knows it. */
const onward = ({ attempt, data, id, key, queue }: Job<SendReply>, why: string) => ({
  queue,
  key,
  data,
  ordinal: `again:${attempt}:${why}:${id}`,
});

/** Later, to write down what could not be written. */
const again = (sending: Job<SendReply>): Outcome<SettledReplyRow> =>
  done({ jobs: [{ ...onward(sending, "after"), startAfterSeconds: AGAIN_SECONDS }] });

const replyOf = ({ tenant, data }: Job<SendReply>, state: State): QueuedReply | undefined =>
  state.replies.get(keyOf(tenant, data.messageId));

const failed = (reply: QueuedReply, code: string, message: string, now: string): Outcome<SettledReplyRow> =>
  done({
    rows: { tenant: reply.tenant, messageId: reply.messageId, state: "failed", at: now },
    events: [failedEvent(reply, code, message)],
  });

const mailOf = (reply: QueuedReply, fromName: string): OutgoingMail => ({
  messageId: reply.channelMessageId,
  to: { name: reply.customer.name, email: reply.customer.email },
  fromName,
  subject: subjectOf(reply),
  text: reply.text,
  references: reply.answers,
  automatic: reply.origin === "auto",
});

/** The reference travels in the subject, where people look for it. */
function subjectOf({ subject, reference }: QueuedReply): string {
  const tagged = subject.includes(`[${reference}]`) ? subject : `${subject} [${reference}]`.trim();
  return /^re:/i.test(tagged) ? tagged : `Re: ${tagged}`;
}
