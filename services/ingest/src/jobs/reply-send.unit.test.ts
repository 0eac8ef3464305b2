import type { Channel } from "../clients/channel.ts";
import { keyOf } from "../decide/book.ts";
import type { QueuedReply } from "../decide/send-reply.ts";
import type { Businesses } from "../store/businesses.ts";
import { replySend } from "./reply-send.ts";

const NOW = "2026-11-20T14:12:04.000Z";
const reply: QueuedReply = {
  tenant: "it-helpdesk",
  messageId: "msg_1",
  ticketId: "tkt_1",
  reference: "OD-1",
  aggregateVersion: 2,
  conversationVersion: 2,
  channel: "email",
  customer: { id: "cus_1", name: "Ada", email: "ada@northgate.example" },
  subject: "Wi-Fi",
  text: "Restart it.",
  state: "queued",
  origin: "person",
  draftId: null,
  channelMessageId: "<msg_1@desk.example>",
  queuedAt: "2026-11-20T14:12:00.000Z",
  sendAfter: "2026-11-20T14:12:00.000Z",
  answers: [],
  answersAutomatic: false,
  machineRepliesLastHour: 0,
};
const aJob = {
  id: "job-1",
  queue: "reply.send",
  key: "tkt_1",
  data: { messageId: "msg_1" },
  tenant: "it-helpdesk",
  correlationId: "c",
  causationId: "e",
  subject: "tkt_1",
  traceparent: undefined,
  root: "job-1",
  attempt: 0,
};
const state = { replies: new Map([[keyOf(reply.tenant, reply.messageId), reply]]), names: new Map<string, string>() };
const context = { now: NOW, signal: new AbortController().signal };

it("hands over once what could not be written down, and writes it when that is possible again", async () => {
  const mails: string[] = [];
  const channel: Channel = { send: async ({ messageId }) => void mails.push(messageId) };
  const step = replySend({
    businesses: {} as Businesses,
    carrier: "smtp",
    channels: { record: channel, smtp: channel, capture: channel },
  });
  const sent = { outcome: "done", effects: { rows: { state: "sent", at: NOW }, events: [{ type: "reply.sent" }] } };
  expect(await step.run(aJob, state, context)).toMatchObject(sent);
  expect(step.exhausted(aJob, new Error("cannot be written"), state, { now: NOW, ran: true })).toMatchObject({
    outcome: "done",
    effects: { jobs: [{ queue: "reply.send", data: { messageId: "msg_1" }, startAfterSeconds: 300 }] },
  });
  expect(
    await step.run({ ...aJob, id: "job-2" }, state, { ...context, now: "2026-11-20T14:17:04.000Z" }),
  ).toMatchObject(sent);
  expect(mails).toEqual([reply.channelMessageId]);
});

it("says that a reply failed whose channel never took it", () => {
  const channel: Channel = { send: () => Promise.resolve() };
  const step = replySend({
    businesses: {} as Businesses,
    carrier: "smtp",
    channels: { record: channel, smtp: channel, capture: channel },
  });
  expect(step.exhausted(aJob, new Error("refused"), state, { now: NOW, ran: false })).toMatchObject({
    outcome: "done",
    effects: { rows: { state: "failed" }, events: [{ type: "reply.failed" }] },
  });
});
