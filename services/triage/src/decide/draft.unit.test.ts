import { describe, expect, it } from "@jest/globals";
import type { Template } from "@opsdesk/schemas/desk";
import { WIFI_TEXT, aDesk, anEvidence } from "../testing/given.ts";
import { refuseDraft, refuseTriage } from "./closed-lists.ts";
import { composeDraft } from "./compose-draft.ts";
import { draftByRules } from "./draft-by-rules.ts";
import type { DraftInput, TriageInput, TriageOutput } from "./model.ts";
import { firstName, systemValues } from "./system-slots.ts";
import { templatesFor } from "./templates-for.ts";

const desk = aDesk();
const template = desk.templates[0] as Template;
const input = (change: Partial<DraftInput> = {}): DraftInput => ({
  subject: "Wi-Fi",
  text: "It drops every day",
  customerName: "",
  templates: [template],
  language: "en",
  evidence: [anEvidence()],
  ...change,
});
const system = systemValues(desk, { reference: "AC-1", customerName: "Dana Okafor" }, "en");
const QUOTE = "A renewal of the DHCP lease that fails drops the connection for a minute.";
const quote = { slot: "likely_cause", chunkId: "chk_1", quote: QUOTE };

describe("draftByRules", () => {
  it("quotes the sentence that the slot is about, verbatim", () => {
    expect(draftByRules(input())).toEqual({ outcome: "chosen", templateId: "wifi-drops", quotes: [quote] });
  });

  it("leaves a slot empty rather than quote what it is not about, a question, or another customer", () => {
    const quotes = (text: string, kind: "playbook" | "ticket" = "playbook") =>
      draftByRules(input({ evidence: [anEvidence({ text, kind })] })).quotes;
    expect(quotes("The printer on the second floor needs paper.")).toEqual([]);
    expect(quotes("What is a DHCP lease, and who renews it?")).toEqual([]);
    expect(quotes(QUOTE, "ticket")).toEqual([]);
    expect(quotes("About the DHCP lease: what the network does.")).toEqual([]);
    expect(quotes(`Said before. ${QUOTE}`)).toHaveLength(1);
  });

  it("does not quote what the template says already", () => {
    const saying = { ...template, body: `${template.body}\n\n${QUOTE}` };
    expect(draftByRules(input({ templates: [saying] })).quotes).toEqual([]);
  });

  it("chooses the template whose words are nearest", () => {
    const other: Template = {
      ...template,
      id: "a-cable",
      title: "Cables",
      body: "Use a network cable in the socket.",
      slots: [],
    };
    expect(
      draftByRules(input({ templates: [template, other], subject: "", text: "Where is the socket for my cable?" }))
        .templateId,
    ).toBe("a-cable");
    expect(draftByRules(input({ templates: [other, template] })).templateId).toBe("wifi-drops");
  });
});

describe("composeDraft", () => {
  it("uses the template's words, the desk's values and the quote, and nothing else", () => {
    const draft = composeDraft(template, system, [quote], [anEvidence()]);
    if (draft.outcome !== "composed") throw new Error(draft.reason);
    const text = draft.sentences
      .map((sentence) => sentence.text)
      .reduce((all, next) => (all === "" || /\s$/.test(all) ? all + next : `${all} ${next}`), "");
    expect(text).toBe(
      template.body
        .replace("{{customer_name}}", "Dana")
        .replace("{{likely_cause}}", QUOTE)
        .replace("{{reference}}", "AC-1")
        .replace("{{desk_name}}", "Acme Help"),
    );
    expect(draft.sentences.find(({ source }) => source === "slot")?.citations).toEqual([
      { chunkId: "chk_1", quote: QUOTE },
    ]);
    expect(draft.slots).toContainEqual({ name: "likely_cause", value: QUOTE, provenance: "knowledge" });
    for (const citation of draft.sentences.flatMap(({ citations }) => citations))
      expect(WIFI_TEXT).toContain(citation.quote);
  });

  it("grounds a template's statement only in the sources that the template names", () => {
    const cited = (sourceId: string) => {
      const draft = composeDraft(template, system, [], [anEvidence({ sourceId })]);
      return draft.outcome === "composed" ? draft.sentences.flatMap(({ citations }) => citations).length : -1;
    };
    expect(cited("wifi-playbook")).toBeGreaterThan(0);
    expect(cited("another")).toBe(0);
  });

  it("leaves an optional slot's sentence out, and abstains when a required one has no evidence", () => {
    const draft = composeDraft(template, system, [], []);
    expect(draft).toMatchObject({ outcome: "composed" });
    expect(JSON.stringify(draft)).not.toContain("likely_cause");
    const required = { ...template, slots: template.slots.map((slot) => ({ ...slot, required: true })) };
    expect(composeDraft(required, system, [], [])).toEqual({ outcome: "abstained", reason: "evidence_weak" });
  });

  it("calls words that are not in the evidence the model's, so that the gate refuses them", () => {
    const draft = composeDraft(template, system, [{ ...quote, quote: "Call 0800 123 now." }], [anEvidence()]);
    expect(
      draft.outcome === "composed" ? draft.slots.find(({ name }) => name === "likely_cause")?.provenance : "",
    ).toBe("model");
  });

  it("does not let a quote or a name stand in for another slot", () => {
    const draft = composeDraft(template, { ...system, customer_name: "{{reference}}" }, [quote], [anEvidence()]);
    expect(draft.outcome === "composed" ? draft.sentences[0]?.text : "").toBe("Hello {{reference}},\n\n");
  });
});

describe("firstName", () => {
  it.each([
    ["Dana Okafor", "Dana"],
    ["Okafor, Dana", "Dana"],
    ["Dr. Anne-Marie O'Neil", "Anne-Marie"],
    ["Łukasz", "Łukasz"],
    ["", "there"],
    ["dana@example.com", "there"],
    ["Visit http://evil.example", "Visit"],
    ["Http://evil.example", "there"],
    ["You have won a big prize today", "there"],
    ["X Æ A-12", "X"],
  ])("greets %p as %p", (name, greeted) => {
    expect(firstName(name, "en")).toBe(greeted);
  });
});

describe("templatesFor", () => {
  it("says whether the category or the language is missing", () => {
    expect(templatesFor(desk, "printer", "en")).toMatchObject({ reason: "template_missing" });
    expect(templatesFor(desk, "network", "fr")).toMatchObject({ reason: "language_unsupported" });
    expect(templatesFor(desk, "network", "en")).toMatchObject({ outcome: "found" });
  });
});

describe("closed lists", () => {
  const from = {
    subject: "",
    text: "",
    written: "",
    told: "",
    customerName: "",
    priority: "normal",
    categories: desk.categories,
    signals: desk.signals,
    deskLanguage: "en",
    router: null,
  } satisfies TriageInput;
  const said: TriageOutput = {
    outcome: "triaged",
    categoryId: "network",
    confidence: 1,
    outOfScope: false,
    ranking: [],
    priority: "normal",
    summary: "",
    missingInformation: [],
    risks: [],
    language: "en",
  };
  it.each([
    [{}, undefined],
    [{ categoryId: "invented" }, "category_unknown"],
    [{ categoryId: null }, "category_missing"],
    [{ ranking: [{ categoryId: "invented", confidence: 1 }] }, "category_unknown"],
    [{ risks: [{ id: "invented", detail: "x" }] }, "risk_unknown"],
    [{ missingInformation: [{ id: "invented", question: "x" }] }, "question_unknown"],
    [{ outcome: "abstained" as const, categoryId: null }, "reason_missing"],
  ])("hold %p against the desk: %p", (change, refusal) => {
    expect(refuseTriage({ ...said, ...change }, from)).toBe(refusal);
  });

  it("refuses a template or a slot that is not offered", () => {
    expect(refuseDraft({ outcome: "chosen", templateId: "invented", quotes: [] }, input())).toBe("template_unknown");
    expect(
      refuseDraft(
        { outcome: "chosen", templateId: "wifi-drops", quotes: [{ ...quote, slot: "customer_name" }] },
        input(),
      ),
    ).toBe("slot_unknown");
    expect(refuseDraft({ outcome: "chosen", templateId: "wifi-drops", quotes: [quote] }, input())).toBeUndefined();
  });
});
