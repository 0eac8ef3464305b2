import { checkProduced } from "@opsdesk/schemas";
import type { TicketCommandSubmitted } from "@opsdesk/schemas/ticket-command-submitted";
import { type Asked, applyCommand, foldCommand } from "./apply-command.ts";
import type { CommandState } from "./command-state.ts";
import { NOW, aBook, aDesk, aDraft, aTicket } from "./ticket.fixture.ts";
import type { Draft, Ticket } from "./ticket.ts";

const stateOf = (tickets: readonly Ticket[], drafts: readonly Draft[] = [], undoSeconds = 0): CommandState => {
  const view = aDesk();
  const desk = { ...view.desk, policy: { ...view.desk.policy, undoSeconds } };
  return {
    ...aBook(tickets, drafts),
    desks: new Map([["it-helpdesk", { ...view, desk }]]),
    replies: new Map(),
    followUps: new Map(),
  };
};

const ask = (
  command: TicketCommandSubmitted["command"],
  changes: Partial<Asked> & { actorId?: string; expectedVersion?: number } = {},
): Asked => ({
  tenant: "it-helpdesk",
  eventId: "evt_1",
  correlationId: "cor_1",
  onTheSpot: true,
  ...changes,
  data: {
    ticketId: "tkt_1",
    actor: { kind: "person", id: changes.actorId ?? "priya" },
    ...(changes.expectedVersion === undefined ? {} : { expectedVersion: changes.expectedVersion }),
    command,
  },
});

const effectsOf = (asked: Asked, state: CommandState, now = NOW) => {
  const outcome = applyCommand(asked, state, now);
  if (outcome.outcome !== "done") throw new Error(JSON.stringify(outcome));
  for (const event of outcome.effects.events ?? []) expect(checkProduced(event.type, event.data)).toEqual([]);
  return outcome.effects;
};

describe("applyCommand", () => {
  it("retires every pending draft with a person's reply, in the same decision", () => {
    const drafts = [aDraft(), aDraft({ draftId: "drf_2" }), aDraft({ draftId: "drf_0", state: "retired" })];
    const { rows, events, jobs } = effectsOf(ask({ type: "reply", text: "I call you." }), stateOf([aTicket()], drafts));
    expect(rows?.tickets).toMatchObject([{ conversationVersion: 2, aggregateVersion: 5, status: "pending" }]);
    expect(rows?.drafts?.map((draft) => draft.draftId)).toEqual(["drf_1", "drf_2"]);
    expect(events?.map((event) => event.type)).toEqual([
      "ticket.message_added",
      "ai.draft.retired",
      "ai.draft.retired",
    ]);
    expect(new Set(events?.map((event) => `${event.type} ${event.ordinal}`)).size).toBe(3);
    expect(jobs).toHaveLength(1);
  });

  it("keeps drafts alive through what does not change the conversation", () => {
    for (const command of [
      { type: "assign", assigneeId: "dan" },
      { type: "set_priority", priority: "high" },
      { type: "note", text: "hm" },
    ] as const) {
      const { rows } = effectsOf(ask(command), stateOf([aTicket()], [aDraft()]));
      expect(rows?.tickets?.[0]).toMatchObject({ conversationVersion: 1, aggregateVersion: 5 });
      expect(rows?.drafts ?? []).toEqual([]);
    }
  });

  it("takes back a reply while it waits, and no longer", () => {
    const state = stateOf([aTicket()], [], 60);
    const sent = effectsOf(ask({ type: "reply", text: "Oops" }), state);
    expect(sent.jobs).toMatchObject([{ startAfterSeconds: 60 }]);
    const messageId = sent.rows?.messages?.[0]?.messageId ?? "";
    foldCommand(state, sent.rows ?? {});
    const undo = ask({ type: "undo_reply", messageId }, { eventId: "evt_2" });
    expect(applyCommand(undo, state, "2026-03-02T14:01:00.000Z")).toMatchObject({
      outcome: "reject",
      code: "nothing_to_undo",
    });
    const undone = effectsOf(undo, state, "2026-03-02T14:00:59.000Z");
    expect(undone.rows?.undone).toEqual([{ tenant: "it-helpdesk", messageId }]);
    expect(undone.events).toMatchObject([{ type: "ticket.changed", data: { change: "reply_undone" } }]);
    foldCommand(state, undone.rows ?? {});
    expect(applyCommand(undo, state, "2026-03-02T14:00:59.000Z")).toMatchObject({
      outcome: "reject",
      code: "nothing_to_undo",
    });
  });

  it("takes no reply back that never could be, however slow the clock is that is asked", () => {
    const state = stateOf([aTicket()]);
    const sent = effectsOf(ask({ type: "reply", text: "Oops" }), state);
    const messageId = sent.rows?.messages?.[0]?.messageId ?? "";
    foldCommand(state, sent.rows ?? {});
    const undo = ask({ type: "undo_reply", messageId }, { eventId: "evt_2" });
    expect(applyCommand(undo, state, "2026-03-02T13:59:00.000Z")).toMatchObject({
      outcome: "reject",
      code: "nothing_to_undo",
    });
  });

  it("moves the deadline with the priority", () => {
    const { rows, events } = effectsOf(ask({ type: "set_priority", priority: "urgent" }), stateOf([aTicket()]));
    expect(rows?.tickets).toMatchObject([
      { priority: "urgent", priorityBy: "person", responseDueAt: "2026-03-01T21:00:00.000Z" },
    ]);
    expect(events).toMatchObject([{ data: { before: { priority: "normal" }, after: { priority: "urgent" } } }]);
  });

  it("closes with its drafts, and merges into a ticket whose drafts fall too", () => {
    const closed = effectsOf(ask({ type: "close", resolution: "resolved" }), stateOf([aTicket()], [aDraft()]));
    expect(closed.events).toMatchObject([
      { data: { change: "closed" } },
      { type: "ai.draft.retired", data: { reason: "ticket_closed" } },
    ]);
    const other = aTicket({ ticketId: "tkt_2", reference: "OD-1026" });
    const merged = effectsOf(
      ask({ type: "merge", intoTicketId: "tkt_2" }),
      stateOf([aTicket(), other], [aDraft(), aDraft({ draftId: "drf_2", ticketId: "tkt_2" })]),
    );
    expect(merged.rows?.tickets).toMatchObject([
      { ticketId: "tkt_1", mergedInto: "tkt_2", status: "closed" },
      { ticketId: "tkt_2", conversationVersion: 2 },
    ]);
    expect(merged.rows?.drafts?.map((draft) => draft.retiredReason)).toEqual(["ticket_closed", "newer_message"]);
  });

  it.each<[string, Asked, Ticket]>([
    ["ticket_unknown", ask({ type: "reopen" }, { tenant: "other-desk" }), aTicket()],
    ["version_conflict", ask({ type: "assign", assigneeId: null }, { expectedVersion: 3 }), aTicket()],
    ["ticket_merged", ask({ type: "note", text: "x" }), aTicket({ mergedInto: "tkt_9" })],
    ["actor_not_in_desk", ask({ type: "note", text: "x" }, { actorId: "mallory" }), aTicket()],
    ["not_allowed", ask({ type: "note", text: "x" }, { actorId: "vera" }), aTicket()],
    ["not_allowed", ask({ type: "reply", text: "x" }, { actorId: "dan" }), aTicket()],
    ["assignee_not_in_desk", ask({ type: "assign", assigneeId: "mallory" }), aTicket()],
    ["category_not_in_desk", ask({ type: "set_category", categoryId: "made-up" }), aTicket()],
    ["time_passed", ask({ type: "snooze", until: "2026-03-02T13:59:59Z" }), aTicket()],
    ["ticket_closed", ask({ type: "reply", text: "x" }), aTicket({ status: "closed" })],
    ["ticket_closed", ask({ type: "close", resolution: "closed" }), aTicket({ status: "closed" })],
    ["ticket_not_closed", ask({ type: "reopen" }), aTicket()],
    ["text_missing", ask({ type: "reply", text: "  " }), aTicket()],
    ["text_unsafe", ask({ type: "note", text: "a\0" }), aTicket()],
    ["merge_into_itself", ask({ type: "merge", intoTicketId: "tkt_1" }), aTicket()],
    ["ticket_unknown", ask({ type: "merge", intoTicketId: "tkt_9" }), aTicket()],
    ["follow_up_unknown", ask({ type: "complete_follow_up", followUpId: "fup_9" }), aTicket()],
    ["message_unknown", ask({ type: "undo_reply", messageId: "msg_9" }), aTicket()],
    ["assignee_not_in_desk", ask({ type: "follow_up", title: "t", ownerId: "mallory", dueAt: NOW }), aTicket()],
  ])("refuses with %s: on the spot as an answer, by topic as an event", (code, asked, ticket) => {
    expect(applyCommand(asked, stateOf([ticket]), NOW)).toMatchObject({ outcome: "reject", code });
    expect(effectsOf({ ...asked, onTheSpot: false }, stateOf([ticket]))).toMatchObject({
      events: [{ type: "command.refused", data: { code } }],
    });
  });
});
