import { checkProduced } from "@opsdesk/schemas";
import {
  LEAVING,
  MACHINE_REPLIES_PER_HOUR_MAX,
  type QueuedReply,
  decideSend,
  failedEvent,
  sentEvent,
} from "./send-reply.ts";
import { NOW } from "./ticket.fixture.ts";

const aReply = (changes: Partial<QueuedReply> = {}): QueuedReply => ({
  tenant: "it-helpdesk",
  messageId: "msg_2",
  ticketId: "tkt_1",
  reference: "OD-1025",
  aggregateVersion: 5,
  conversationVersion: 2,
  channel: "email",
  customer: { id: "cus_1", name: "Sam", email: "sam@corp.example" },
  subject: "Wi-Fi",
  text: "Join it again.",
  state: "queued",
  origin: "auto",
  draftId: "drf_1",
  channelMessageId: "<msg_2@it-helpdesk.opsdesk>",
  queuedAt: NOW,
  sendAfter: NOW,
  answers: [],
  answersAutomatic: false,
  machineRepliesLastHour: 0,
  ...changes,
});

describe("decideSend", () => {
  it("sends by what the installation sends with", () => {
    expect(decideSend(aReply(), "record", NOW)).toEqual({ go: "send", carrier: "record" });
    expect(decideSend(aReply(), "smtp", NOW)).toEqual({ go: "send", carrier: "smtp" });
    expect(decideSend(aReply({ channel: "web" }), "smtp", NOW)).toEqual({ go: "send", carrier: "record" });
  });

  it("captures everything of a shadow tenant, whatever the installation sends with", () => {
    for (const carrier of ["record", "smtp", "capture"] as const)
      expect(decideSend(aReply({ tenant: "it-helpdesk~eval" }), carrier, NOW)).toEqual({
        go: "send",
        carrier: "capture",
      });
  });

  it("waits as long as a reply may be taken back", () => {
    expect(decideSend(aReply({ sendAfter: "2026-03-02T14:00:30.000Z" }), "smtp", NOW)).toEqual({
      go: "wait",
      seconds: 30,
    });
  });

  it("says that it can no longer be taken back before it leaves, if it ever could", () => {
    const undoable = { queuedAt: "2026-03-02T13:59:50.000Z", sendAfter: NOW };
    expect(decideSend(aReply(undoable), "smtp", NOW)).toEqual({ go: "close" });
    expect(decideSend(aReply({ ...undoable, sendAfter: LEAVING }), "smtp", NOW)).toMatchObject({ go: "send" });
  });

  it.each(["sent", "failed", "undone"] as const)("passes over a reply that is %s", (state) => {
    expect(decideSend(aReply({ state }), "smtp", NOW)).toMatchObject({ go: "skip" });
  });

  it("lets no machine answer a machine, and a person answer anyone", () => {
    expect(decideSend(aReply({ answersAutomatic: true }), "smtp", NOW)).toMatchObject({
      go: "fail",
      refusal: { code: "automatic_mail" },
    });
    expect(decideSend(aReply({ answersAutomatic: true, origin: "reviewed" }), "smtp", NOW)).toMatchObject({
      go: "fail",
    });
    expect(decideSend(aReply({ answersAutomatic: true, origin: "person" }), "smtp", NOW)).toMatchObject({ go: "send" });
  });

  it("ends a loop of two machines, and never stops a person", () => {
    const looping = { machineRepliesLastHour: MACHINE_REPLIES_PER_HOUR_MAX };
    expect(decideSend(aReply(looping), "record", NOW)).toMatchObject({ go: "fail", refusal: { code: "mail_loop" } });
    expect(decideSend(aReply({ ...looping, origin: "person" }), "record", NOW)).toMatchObject({ go: "send" });
  });

  it("says when there is nobody to send to", () => {
    expect(decideSend(aReply({ customer: { id: "cus_1", name: "Sam" } }), "smtp", NOW)).toMatchObject({
      go: "fail",
      refusal: { code: "recipient_missing" },
    });
  });

  it("tells both outcomes in the words of their contracts", () => {
    const sent = sentEvent(aReply(), "smtp", NOW);
    const failed = failedEvent(aReply(), "channel_refused", "x".repeat(500));
    expect(checkProduced(sent.type, sent.data)).toEqual([]);
    expect(checkProduced(failed.type, failed.data)).toEqual([]);
  });
});
