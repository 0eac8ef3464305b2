import { checkProduced } from "@opsdesk/schemas";
import { type Approval, releaseReply } from "./release-reply.ts";
import type { Draft, Ticket } from "./ticket.ts";
import { NOW, aDraft, aTicket } from "./ticket.fixture.ts";

const approval = (changes: Partial<Approval> = {}): Approval => ({
  draftId: "drf_1",
  conversationVersion: 1,
  text: "Join it again.",
  origin: "reviewed",
  actor: { kind: "person", id: "priya" },
  correlationId: "cor_1",
  ...changes,
});

const effectsOf = (given: Approval, ticket: Ticket | undefined, drafts: readonly Draft[]) => {
  const outcome = releaseReply(given, ticket, drafts, NOW);
  if (outcome.outcome !== "done") throw new Error(`it was ${outcome.outcome}`);
  for (const event of outcome.effects.events ?? []) expect(checkProduced(event.type, event.data)).toEqual([]);
  return outcome.effects;
};

/** What a loser is told; nothing may have been sent. */
const refusalOf = (given: Approval, ticket: Ticket, drafts: readonly Draft[]) => {
  const { rows, jobs, events } = effectsOf(given, ticket, drafts);
  expect(rows?.messages ?? []).toEqual([]);
  expect(jobs ?? []).toEqual([]);
  expect(events).toHaveLength(1);
  expect(events?.[0]).toMatchObject({ type: "ai.draft.retired", data: { draftId: "drf_1", reason: "apply_refused" } });
  const data = events?.[0]?.data as { detail: string } | undefined;
  return data?.detail.split(":")[0];
};

describe("releaseReply", () => {
  it("sends the approved draft: message, job and event, and the conversation moves on", () => {
    const { rows, jobs, events } = effectsOf(approval(), aTicket(), [aDraft()]);
    expect(rows?.tickets).toMatchObject([
      { status: "pending", aggregateVersion: 5, conversationVersion: 2, lastMessageKind: "reply", respondedAt: NOW },
    ]);
    expect(rows?.messages).toMatchObject([
      {
        kind: "reply",
        state: "queued",
        origin: "reviewed",
        draftId: "drf_1",
        sourceText: "Join it again.",
        author: { id: "priya" },
      },
    ]);
    expect(rows?.drafts).toMatchObject([{ draftId: "drf_1", state: "released" }]);
    expect(jobs).toMatchObject([{ queue: "reply.send", key: "tkt_1" }]);
    expect(events).toMatchObject([
      { type: "ticket.message_added", data: { draftId: "drf_1", conversationVersion: 2, message: { kind: "reply" } } },
    ]);
  });

  it("gives the same draft the same message id, so that the store refuses a second", () => {
    const first = effectsOf(approval(), aTicket(), [aDraft()]).rows?.messages?.[0];
    const second = effectsOf(approval({ text: "Other words", origin: "auto" }), aTicket({ aggregateVersion: 9 }), [
      aDraft(),
    ]).rows?.messages?.[0];
    expect(second?.messageId).toBe(first?.messageId);
    expect(second?.channelMessageId).toBe(first?.channelMessageId);
  });

  it("retires the other drafts that were pending for the same version", () => {
    const { rows, events } = effectsOf(approval(), aTicket(), [aDraft(), aDraft({ draftId: "drf_2" })]);
    expect(rows?.drafts).toMatchObject([
      { draftId: "drf_1", state: "released" },
      { draftId: "drf_2", state: "retired" },
    ]);
    expect(events?.[1]).toMatchObject({
      type: "ai.draft.retired",
      data: { draftId: "drf_2", reason: "newer_message", supersededBy: "drf_1" },
    });
  });

  it("waits for a proposal that has not arrived, or for its ticket", () => {
    expect(releaseReply(approval(), aTicket(), [], NOW)).toMatchObject({
      outcome: "defer",
      waiting: { until: "draft:drf_1" },
    });
    expect(releaseReply(approval(), undefined, [], NOW)).toMatchObject({
      outcome: "defer",
      waiting: { until: "draft:drf_1" },
    });
  });

  it("never sends a draft twice, and does not call it retired when it has gone", () => {
    const sent = aTicket({ conversationVersion: 2, lastMessageKind: "reply", status: "pending" });
    expect(releaseReply(approval(), sent, [aDraft({ state: "released" })], NOW)).toEqual({
      outcome: "ignore",
      reason: "already_released",
    });
    expect(releaseReply(approval({ origin: "auto" }), sent, [aDraft({ state: "released" })], NOW)).toMatchObject({
      outcome: "ignore",
    });
  });

  it.each([
    ["stale_version", approval(), aTicket({ conversationVersion: 2 }), aDraft()],
    ["stale_version", approval({ conversationVersion: 2 }), aTicket({ conversationVersion: 2 }), aDraft()],
    ["stale_version", approval({ conversationVersion: 2 }), aTicket(), aDraft()],
    [
      "stale_version",
      approval(),
      aTicket({ conversationVersion: 2 }),
      aDraft({ state: "retired", retiredReason: "newer_message" }),
    ],
    ["person_replied", approval(), aTicket({ conversationVersion: 2, lastMessageKind: "reply" }), aDraft()],
    [
      "person_replied",
      approval(),
      aTicket({ conversationVersion: 2, lastMessageKind: "reply" }),
      aDraft({ state: "retired", retiredReason: "person_replied" }),
    ],
    ["draft_retired", approval(), aTicket(), aDraft({ state: "retired", retiredReason: "source_changed" })],
    ["draft_retired", approval(), aTicket(), aDraft({ state: "declined" })],
    ["ticket_closed", approval(), aTicket({ status: "closed" }), aDraft()],
    ["ticket_closed", approval(), aTicket({ status: "resolved" }), aDraft()],
    ["ticket_merged", approval(), aTicket({ status: "closed", mergedInto: "tkt_2" }), aDraft()],
    ["automatic_mail", approval(), aTicket({ lastCustomerAutomatic: true }), aDraft()],
    ["automatic_mail", approval({ origin: "auto" }), aTicket({ lastCustomerAutomatic: true }), aDraft()],
    ["nothing_to_send", approval({ text: " \n" }), aTicket(), aDraft()],
    ["text_unsafe", approval({ text: "a\0b" }), aTicket(), aDraft()],
    ["text_unsafe", approval({ text: "a\ud800b" }), aTicket(), aDraft()],
  ] as const)("refuses with %s and says so", (code, given, ticket, draft) => {
    expect(refusalOf(given, ticket, [draft])).toBe(code);
  });

  it("keeps what retired a draft first, when its approval is refused later", () => {
    const { rows } = effectsOf(approval(), aTicket(), [aDraft({ state: "retired", retiredReason: "source_changed" })]);
    expect(rows).toEqual({});
  });

  it("writes the ticket with every refusal that writes, so that a writer in between is seen", () => {
    const { rows } = effectsOf(approval(), aTicket({ conversationVersion: 2 }), [aDraft()]);
    expect(rows?.tickets).toHaveLength(1);
    expect(rows?.tickets?.[0]).toMatchObject({ aggregateVersion: 4, conversationVersion: 2 });
  });
});
