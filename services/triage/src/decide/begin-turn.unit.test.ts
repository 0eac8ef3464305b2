import { describe, expect, it } from "@jest/globals";
import { aDesk, aMessageAdded, aTicket, aTicketCreated } from "../testing/given.ts";
import { type Known, continueConversation, readDocument, startTriage } from "./begin-turn.ts";

const known = (change: Partial<Known> = {}): Known => ({
  tenant: "acme",
  eventId: "evt-1",
  desk: aDesk(),
  deskVersion: 1,
  ticket: undefined,
  turnKnown: false,
  ...change,
});

describe("startTriage", () => {
  it("waits for the desk that the ticket came in by", () => {
    const newer = { ...aTicketCreated("Hi"), deskVersion: 2 };
    expect(startTriage(newer, known())).toMatchObject({ outcome: "defer", waiting: { until: "desk:acme" } });
    expect(startTriage(newer, known({ deskVersion: 2 }))).toMatchObject({ outcome: "done" });
  });

  it("waits for the desk's configuration when the ticket overtook it", () => {
    expect(startTriage(aTicketCreated("Hi"), known({ desk: undefined }))).toMatchObject({
      outcome: "defer",
      reason: "desk_not_configured",
      waiting: { until: "desk:acme" },
    });
  });

  it("sends one triage job that carries the version it will be computed from", () => {
    expect(startTriage(aTicketCreated("Hi"), known())).toMatchObject({
      outcome: "done",
      effects: {
        jobs: [{ queue: "triage.ticket", key: "tkt_1", data: { ticketId: "tkt_1", conversationVersion: 1, round: 1 } }],
        wakes: ["ticket:tkt_1"],
      },
    });
  });

  it("ends the version at once, and says why, when the desk keeps AI off", () => {
    expect(startTriage(aTicketCreated("Hi"), known({ desk: aDesk({ ai: { enabled: false } }) }))).toMatchObject({
      effects: {
        rows: { turn: { stage: "ended" } },
        events: [
          { type: "ai.draft.proposed", data: { outcome: "not_run", reason: "ai_disabled", customerText: "Hi" } },
        ],
      },
    });
  });

  it("ignores a ticket that it knows", () => {
    expect(startTriage(aTicketCreated("Hi"), known({ ticket: aTicket() }))).toMatchObject({ outcome: "ignore" });
  });
});

describe("continueConversation", () => {
  it("waits for the ticket when its message overtook it", () => {
    expect(continueConversation(aMessageAdded("More", 2), known())).toMatchObject({
      outcome: "defer",
      waiting: { until: "ticket:tkt_1" },
    });
  });

  it("begins a turn for a customer's message, an outdated one too", () => {
    const ticket = aTicket(["one", "two", "three"]);
    const late = { ...ticket, body: { ...ticket.body, parts: ticket.body.parts.filter((part) => part.version !== 2) } };
    expect(continueConversation(aMessageAdded("two", 2), known({ ticket: late }))).toMatchObject({
      effects: {
        rows: { ticket: { conversationVersion: 3 }, turn: { conversationVersion: 2 } },
        jobs: [{ data: { conversationVersion: 2 } }],
      },
    });
  });

  it("remembers a reply and begins nothing, and passes notes by", () => {
    const replied = continueConversation(aMessageAdded("Done", 2, "reply"), known({ ticket: aTicket() }));
    expect(replied).toMatchObject({
      effects: { rows: { ticket: { conversationVersion: 2, body: { answeredVersion: 2 } } } },
    });
    expect(replied).not.toHaveProperty("effects.jobs");
    expect(continueConversation(aMessageAdded("psst", 1, "note"), known({ ticket: aTicket() }))).toMatchObject({
      outcome: "ignore",
      reason: "note",
    });
  });

  it("opens a closed ticket when the customer writes again, but not for what was written before it was closed", () => {
    const closed = aTicket(["one"], { closed: true, body: { ...aTicket().body, statusVersion: 5 } });
    expect(continueConversation(aMessageAdded("again", 6), known({ ticket: closed }))).toMatchObject({
      effects: { rows: { ticket: { closed: false } } },
    });
    expect(continueConversation(aMessageAdded("before", 4), known({ ticket: closed }))).toMatchObject({
      effects: { rows: { ticket: { closed: true } } },
    });
  });

  it("begins a version once", () => {
    expect(continueConversation(aMessageAdded("More", 2), known({ ticket: aTicket(), turnKnown: true }))).toMatchObject(
      { outcome: "ignore" },
    );
  });
});

describe("readDocument", () => {
  it("begins a turn with the document's text", () => {
    const extracted = {
      ticketId: "tkt_1",
      reference: "AC-1",
      aggregateVersion: 2,
      conversationVersion: 2,
      documentId: "doc",
      name: "a.txt",
      blob: { ref: "r", sha256: "0", bytes: 1, contentType: "text/plain" },
      text: "Error 809",
      truncated: false,
    };
    expect(readDocument(extracted, known({ ticket: aTicket() }))).toMatchObject({
      effects: {
        rows: {
          ticket: { body: { parts: [{ version: 1 }, { version: 2, kind: "document", text: "Error 809" }] } },
          turn: { conversationVersion: 2 },
        },
      },
    });
  });
});
