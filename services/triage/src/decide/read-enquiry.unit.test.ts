import { describe, expect, it } from "@jest/globals";
import { aDesk, aTicket } from "../testing/given.ts";
import { cleanText } from "./clean-text.ts";
import { clip } from "./clip.ts";
import { newestMessage, toldText, unansweredText, withPart } from "./conversation.ts";
import { routingText } from "./learn.ts";
import type { TriageInput } from "./model.ts";
import { mentions, wordsOf } from "./phrases.ts";
import { summarise } from "./summarise.ts";
import { triageByRules } from "./triage-by-rules.ts";

const desk = aDesk();
const input = (text: string, change: Partial<TriageInput> = {}): TriageInput => ({
  subject: "",
  text,
  written: text,
  told: text,
  customerName: "",
  priority: "normal",
  categories: desk.categories,
  signals: desk.signals,
  deskLanguage: "en",
  router: null,
  ...change,
});
const routed = (label: string, inScope = true) => ({
  label,
  confidence: 0.9,
  inScope,
  ranking: [
    { label, confidence: 0.9 },
    { label: "gone", confidence: 0.1 },
  ],
});

describe("phrases", () => {
  it.each([
    ["Please CALL ME today", true],
    ["please call, me?", true],
    ["recall measures", false],
    ["Ich bitte um RÜCKRUF!", true],
    ["Ich bitte um Ru\u0308ckruf", true],
    ["", false],
  ])("%p mentions a call: %p", (text, found) => {
    expect(mentions(wordsOf(text), ["call me", "rückruf", "--"])).toBe(found);
  });
});

describe("cleanText", () => {
  it.each([
    [
      "It still drops.\n\nOn Mon, 3 Nov 2026 at 10:00, Help <help@acme.example> wrote:\n> Try a cable.",
      "It still drops.",
    ],
    ["It drops.\r\n-- \r\nDana\r\nAcme Ltd", "It drops."],
    ["Yes.\n> What floor?\nThird.", "Yes.\nThird."],
    ["See below\n\nFrom: Help\nSent: Monday\nTo: Dana\n\nold words", "See below"],
    ["> only a quote", "> only a quote"],
    [
      "From: here to the door the Wi-Fi is weak.\nPlease help.",
      "From: here to the door the Wi-Fi is weak.\nPlease help.",
    ],
  ])("of %p keeps %p", (text, kept) => {
    expect(cleanText(text)).toBe(kept);
  });
});

describe("the conversation", () => {
  it("keeps a first message's words open until somebody has replied", () => {
    const ticket = aTicket(["Please call me.", "It is floor 3."]);
    expect(unansweredText(ticket, 2)).toBe("Please call me.\n\nIt is floor 3.");
    const answered = aTicket(["Please call me.", "Reply stands here.", "It is floor 3."], {
      body: {
        ...aTicket().body,
        answeredVersion: 2,
        parts: [
          { version: 1, kind: "customer", text: "Please call me." },
          { version: 3, kind: "customer", text: "It is floor 3." },
        ],
      },
    });
    expect(unansweredText(answered, 3)).toBe("It is floor 3.");
    expect(toldText(answered, 3)).toContain("call me");
    expect(newestMessage(answered, 2)).toBe("Please call me.");
  });

  it("puts a late piece in its place, once", () => {
    const parts = withPart(
      [
        { version: 1, kind: "customer", text: "a" },
        { version: 3, kind: "customer", text: "c" },
      ],
      { version: 2, kind: "customer", text: "b" },
    );
    expect(withPart(parts, { version: 2, kind: "customer", text: "b" }).map(({ text }) => text)).toEqual([
      "a",
      "b",
      "c",
    ]);
  });

  it("never cuts a character in half", () => {
    expect(clip("ab😀", 3)).toBe("ab");
    expect(clip("a\ud83d", 9)).toBe("a\ufffd");
  });
});

describe("summarise", () => {
  it("takes the first words that say something", () => {
    expect(
      summarise(
        "Hello,\n\nThe printer on floor three has been jammed since Monday morning and nobody can print.\n\nThanks!",
        "",
        "en",
      ),
    ).toBe("The printer on floor three has been jammed since Monday morning and nobody can print.");
    expect(summarise("", "Printer", "en")).toBe("Printer");
    expect(summarise("x ".repeat(900), "", "en").length).toBeLessThanOrEqual(280);
  });
});

describe("routingText", () => {
  it("does not say twice what a subject made of the text's beginning repeats", () => {
    expect(routingText("The Wi-Fi drops…", "The Wi-Fi drops every day")).toBe("The Wi-Fi drops every day");
    expect(routingText("Wi-Fi", "It drops")).toBe("Wi-Fi\nIt drops");
  });
});

describe("triageByRules", () => {
  it("tells risks and the highest priority from the desk's signals, whatever the router says", () => {
    expect(triageByRules(input("URGENT: call me, printer broken"), routed("printer"))).toMatchObject({
      outcome: "triaged",
      categoryId: "printer",
      priority: "urgent",
      risks: [{ id: "phone_contact" }, { id: "urgent" }],
      ranking: [{ categoryId: "printer" }],
    });
    expect(triageByRules(input("call me urgently"), undefined)).toMatchObject({
      outcome: "abstained",
      reason: "router_untrained",
      priority: "urgent",
      risks: [{}, {}],
    });
  });

  it("finds a risk in what was cut from the text", () => {
    const hidden = { ...input("The Wi-Fi drops"), written: "The Wi-Fi drops\n-- \nPlease call me" };
    expect(triageByRules(hidden, routed("network")).risks).toMatchObject([{ id: "phone_contact" }]);
  });

  it("asks only for what the customer has not told", () => {
    const missing = (told: string) =>
      triageByRules(input("The Wi-Fi drops", { told }), routed("network")).missingInformation.map(({ id }) => id);
    expect(missing("The Wi-Fi drops")).toEqual(["floor", "device"]);
    expect(missing("Wi-Fi drops on the third floor, laptop NG-LT-20417")).toEqual([]);
  });

  it("abstains out of scope and keeps the ranking for a person", () => {
    expect(triageByRules(input("Which wine goes with salmon?"), routed("network", false))).toMatchObject({
      outcome: "abstained",
      reason: "out_of_scope",
      categoryId: null,
      outOfScope: true,
    });
  });

  it("takes the desk's language where the text is too short to tell", () => {
    expect(triageByRules(input("ok"), undefined).language).toBe("en");
    expect(
      triageByRules(
        input("Der Drucker im dritten Stock druckt seit gestern keine Seiten mehr, bitte helfen Sie mir."),
        undefined,
      ).language,
    ).toBe("de");
  });
});
