import type { Outcome } from "@opsdesk/messaging/outcome";
import { applyCommand, foldCommand } from "./apply-command.ts";
import { type TicketRows, draftsOf, fold, keyOf } from "./book.ts";
import type { CommandState } from "./command-state.ts";
import { continueTicket } from "./continue-ticket.ts";
import { keepDraft } from "./keep-draft.ts";
import { releaseReply } from "./release-reply.ts";
import { NOW, aDesk, aDraft, aTicket } from "./ticket.fixture.ts";
import type { StoredMessage, Ticket } from "./ticket.ts";

/** A reproducible stream of numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 4_294_967_296;
  };
}

/** A store that works like the real one: a write holds only if the ticket is as it was loaded. */
class Store {
  readonly #state: CommandState = {
    tickets: new Map(),
    drafts: new Map(),
    desks: new Map([["it-helpdesk", aDesk()]]),
    replies: new Map(),
    followUps: new Map(),
  };
  readonly replies: StoredMessage[] = [];

  constructor() {
    fold(this.#state, { tickets: [aTicket({ loadedVersion: 0 })], drafts: [aDraft()] });
  }

  load(): CommandState {
    return {
      ...this.#state,
      tickets: new Map(this.#state.tickets),
      drafts: new Map([...this.#state.drafts].map(([key, drafts]) => [key, [...drafts]])),
      replies: new Map(this.#state.replies),
    };
  }

  save(rows: TicketRows): boolean {
    for (const ticket of rows.tickets ?? []) if (this.ticket.loadedVersion !== ticket.loadedVersion) return false;
    for (const message of rows.messages ?? []) {
      if (message.kind !== "reply") continue;
      if (this.replies.some((known) => known.messageId === message.messageId)) return false;
      this.replies.push(message);
    }
    foldCommand(this.#state, {
      ...rows,
      tickets: (rows.tickets ?? []).map((ticket) => ({ ...ticket, loadedVersion: (ticket.loadedVersion ?? 0) + 1 })),
    });
    return true;
  }

  get ticket(): Ticket {
    const ticket = this.#state.tickets.get(keyOf("it-helpdesk", "tkt_1"));
    if (ticket === undefined) throw new Error("the ticket is gone");
    return ticket;
  }
}

type Step = (state: CommandState) => Outcome<TicketRows>;

const ticketIn = (state: CommandState): Ticket | undefined => state.tickets.get(keyOf("it-helpdesk", "tkt_1"));
const draftsIn = (state: CommandState) => draftsOf(state, { tenant: "it-helpdesk", ticketId: "tkt_1" });
const command =
  (eventId: string, what: Parameters<typeof applyCommand>[0]["data"]["command"]): Step =>
  (state) =>
    applyCommand(
      {
        tenant: "it-helpdesk",
        eventId,
        correlationId: "c",
        onTheSpot: false,
        data: { ticketId: "tkt_1", actor: { kind: "person", id: "priya" }, command: what },
      },
      state,
      NOW,
    );
const approve =
  (origin: "auto" | "reviewed"): Step =>
  (state) =>
    releaseReply(
      {
        draftId: "drf_1",
        conversationVersion: 1,
        text: "Join it again.",
        origin,
        actor: { kind: "service", id: "safety-gate" },
        correlationId: "c",
      },
      ticketIn(state),
      draftsIn(state),
      NOW,
    );
const customerWrites: Step = (state) => {
  const ticket = ticketIn(state);
  if (ticket === undefined) throw new Error("the ticket is gone");
  const message = {
    messageId: "msg_new",
    kind: "customer",
    automatic: false,
    sourceText: "More",
    conversationVersion: ticket.conversationVersion + 1,
    at: NOW,
  } as StoredMessage;
  const { rows, events } = continueTicket(
    ticket,
    state,
    {
      ...message,
      tenant: ticket.tenant,
      ticketId: ticket.ticketId,
      author: { kind: "person", id: "cus_1" },
      textHash: "0".repeat(64),
      fullTextRef: null,
      draftId: null,
    },
    aDesk(),
    NOW,
  );
  return { outcome: "done", effects: { rows, events } };
};
const steps: readonly Step[] = [
  approve("reviewed"),
  approve("auto"),
  customerWrites,
  command("evt-reply", { type: "reply", text: "I call you." }),
  command("evt-undo", { type: "undo_reply", messageId: "msg_x" }),
];

describe("a person, a customer, an approval, an undo and an automatic approval at once", () => {
  it("never answers twice from one draft, never to an outdated conversation, and tells every loser, in 10,000 interleavings", () => {
    let released = 0;
    const wrong: string[] = [];
    for (let seed = 1; seed <= 10_000; seed += 1) {
      const random = seeded(seed);
      const store = new Store();
      // Each runner loads, is interrupted at will, decides on what it loaded, and starts again when it lost.
      const waiting = steps.map((step, index) => ({ step, index, loaded: undefined as CommandState | undefined }));
      const told: string[] = [];
      while (waiting.length > 0) {
        const at = Math.floor(random() * waiting.length);
        const runner = waiting[at];
        if (runner === undefined) continue;
        if (runner.loaded === undefined) {
          runner.loaded = store.load();
          continue;
        }
        const before = store.ticket;
        const outcome = runner.step(runner.loaded);
        runner.loaded = undefined;
        if (outcome.outcome === "done") {
          if (!store.save(outcome.effects.rows ?? {})) continue;
          const sent = outcome.effects.rows?.messages?.find((message) => message.draftId === "drf_1");
          if (sent !== undefined) released += 1;
          if (sent !== undefined && before.conversationVersion !== 1)
            wrong.push(`${seed}: sent to an outdated conversation`);
          told.push(...(outcome.effects.events ?? []).map((event) => event.type));
        } else told.push(outcome.outcome);
        waiting.splice(at, 1);
      }
      if (store.replies.filter((reply) => reply.draftId === "drf_1").length > 1)
        wrong.push(`${seed}: two replies from one draft`);
      // The draft's approval and the person's reply may both stand only if the person wrote after it had gone.
      const fromDraft = store.replies.findIndex((reply) => reply.draftId === "drf_1");
      const byPerson = store.replies.findIndex((reply) => reply.draftId === null);
      if (fromDraft > byPerson) wrong.push(`${seed}: a draft went out after a person's reply`);
      if (!told.some((type) => type === "ai.draft.retired" || type === "ignore"))
        wrong.push(`${seed}: nobody was told`);
    }
    expect(wrong).toEqual([]);
    expect(released).toBeGreaterThan(100);
  });
});

describe("keepDraft", () => {
  it("retires at once, and says so, what was computed for an earlier conversation", () => {
    const proposed = {
      ticketId: "tkt_1",
      draftId: "drf_9",
      conversationVersion: 1,
      outcome: "not_run",
      sentences: [],
      evidence: [],
      templateId: null,
    } as unknown as Parameters<typeof keepDraft>[0];
    expect(keepDraft(proposed, aTicket({ conversationVersion: 2 }), [], NOW)).toMatchObject({
      outcome: "done",
      effects: {
        rows: { drafts: [{ state: "retired", retiredReason: "newer_message" }] },
        events: [{ type: "ai.draft.retired", data: { draftId: "drf_9" } }],
      },
    });
    expect(keepDraft(proposed, aTicket({ status: "closed" }), [], NOW)).toMatchObject({
      effects: { events: [{ data: { reason: "ticket_closed" } }] },
    });
    expect(keepDraft(proposed, aTicket(), [aDraft()], NOW)).toMatchObject({
      effects: {
        rows: {
          drafts: [
            { draftId: "drf_9", state: "pending" },
            { draftId: "drf_1", retiredReason: "rerun" },
          ],
        },
        wakes: ["draft:drf_9"],
      },
    });
  });
});
