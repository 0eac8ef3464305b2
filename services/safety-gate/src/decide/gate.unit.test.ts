import { GATE_RULES } from "@opsdesk/desk-pack";
import { contentHash } from "@opsdesk/identity";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Sentence, Slot } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";
import { decideGate } from "./gate.ts";
import { NOW, TENANT, aDesk, aProposal, aState, aTemplate, anEvidence, inputsOf } from "./proposal.fixture.ts";
import { AUTO_RULE, REVIEW_RULES } from "./rules.ts";
import { keyOf } from "./state.ts";

const rulesOf = (proposal: AiDraftProposed, ...rest: [ReturnType<typeof aState>?, Desk?]): readonly string[] =>
  decideGate(inputsOf(proposal, ...rest)).reasons.map(({ rule }) => rule);
const withPolicy = (change: Partial<Desk["policy"]>): Desk => aDesk({ policy: { ...aDesk().policy, ...change } });
const withAutoSend = (change: Partial<Desk["policy"]["autoSend"]>): Desk =>
  withPolicy({ autoSend: { ...aDesk().policy.autoSend, ...change } });
const withSlot = (name: string, change: Partial<Slot>, proposal = aProposal()): AiDraftProposed => ({
  ...proposal,
  slots: proposal.slots.map((slot) => (slot.name === name ? { ...slot, ...change } : slot)),
});
const withSentence = (at: number, change: Partial<Sentence>, proposal = aProposal()): AiDraftProposed => ({
  ...proposal,
  sentences: proposal.sentences.map((sentence, i) => (i === at ? { ...sentence, ...change } : sentence)),
});
const ANSWER_AT = 2;
const knownAs = (version: number | null, retired = false) =>
  aState({ sources: new Map([[keyOf(TENANT, "vpn-guide"), { sourceId: "vpn-guide", version, retired }]]) });

describe("decideGate", () => {
  it("sends what passes every rule, and says that it was licensed", () => {
    const decision = decideGate(inputsOf(aProposal()));
    expect(decision.reasons.map(({ rule }) => rule)).toEqual([AUTO_RULE]);
    expect(decision).toMatchObject({ gateVersion: "gate-1", verdict: "auto_send", groundedness: 1 });
  });

  it("does not look at the model's confidence", () => {
    expect(decideGate(inputsOf(aProposal({ confidence: 0 })))).toEqual(
      decideGate(inputsOf(aProposal({ confidence: 1 }))),
    );
  });

  it("knows the rules that desk packs may name, and no others", () => {
    expect([...REVIEW_RULES.filter((rule) => rule !== "risk"), AUTO_RULE].toSorted()).toEqual(
      [...GATE_RULES].toSorted(),
    );
  });

  it("gives every reason at once, so that a reviewer sees them all", () => {
    expect(rulesOf(aProposal({ outOfScope: true, automatic: true, language: "de" }))).toEqual([
      "out_of_scope",
      "automatic_mail",
      "language_unsupported",
    ]);
  });

  it.each(["abstained", "failed", "not_run"] as const)(
    "blocks an outcome of %s: there is nothing to send",
    (outcome) => {
      const decision = decideGate(
        inputsOf(
          aProposal({
            outcome,
            reason: "ai_disabled",
            templateId: null,
            templateVersion: null,
            sentences: [],
            slots: [],
          }),
        ),
      );
      expect(decision).toMatchObject({ verdict: "block", groundedness: null });
      expect(decision.reasons).toEqual([
        { rule: "outcome_not_proposed", words: expect.stringContaining("ai_disabled") },
      ]);
    },
  );

  describe("the licence", () => {
    it("holds everything back where the desk sends nothing by itself", () => {
      expect(rulesOf(aProposal(), undefined, withAutoSend({ enabled: false }))).toEqual(["auto_send_off"]);
    });
    it("holds everything back once an administrator has stopped it", () => {
      expect(rulesOf(aProposal(), aState({ stopped: new Map([[TENANT, [""]]]) }))).toEqual(["auto_send_off"]);
    });
    it("holds back categories that are not licensed, unknown, or stopped", () => {
      expect(rulesOf(aProposal(), undefined, withAutoSend({ categories: [] }))).toEqual(["category_not_licensed"]);
      expect(rulesOf(aProposal(), aState({ stopped: new Map([[TENANT, ["vpn"]]]) }))).toEqual([
        "category_not_licensed",
      ]);
      expect(rulesOf(aProposal({ categoryId: null }))).toContain("category_not_licensed");
    });
    it("is not touched by another tenant's stop", () => {
      expect(rulesOf(aProposal(), aState({ stopped: new Map([["other", [""]]]) }))).toEqual([AUTO_RULE]);
    });
  });

  describe("risks", () => {
    it("names each vetoed risk once, with its own words", () => {
      const risks = [
        { id: "phone_contact", detail: "The customer asks to be telephoned." },
        { id: "urgent", detail: "It cannot wait." },
        { id: "urgent", detail: "It cannot wait." },
      ];
      expect(decideGate(inputsOf(aProposal({ risks }))).reasons).toEqual([
        { rule: "risk:phone_contact", words: "The customer asks to be telephoned." },
        { rule: "risk:urgent", words: "It cannot wait." },
      ]);
    });
    it("lets pass a risk that the policy does not veto", () => {
      expect(rulesOf(aProposal({ risks: [{ id: "recurring_fault", detail: "again" }] }))).toEqual([AUTO_RULE]);
    });
  });

  describe("slots", () => {
    it.each(["customer", "model"] as const)("never lets through a value from the %s", (provenance) => {
      expect(rulesOf(withSlot("answer", { provenance }))).toContain("slot_provenance");
    });
    it("does not believe a provenance that the template declares otherwise", () => {
      expect(rulesOf(withSlot("answer", { provenance: "verified" }))).toContain("slot_provenance");
    });
    it("does not believe knowledge that is not in the evidence", () => {
      expect(rulesOf(withSlot("answer", { value: "Call the moon." }))).toContain("slot_provenance");
    });
    it("refuses a slot that the template does not have, and the lack of one that it needs", () => {
      const extra: Slot = { name: "extra", value: "x", provenance: "system" };
      expect(rulesOf(aProposal({ slots: [...aProposal().slots, extra] }))).toEqual(["slot_provenance"]);
      expect(rulesOf(aProposal({ slots: aProposal().slots.filter(({ name }) => name !== "reference") }))).toContain(
        "slot_provenance",
      );
    });
    it.each(["https://evil.example/login", "eve@evil.example", "+44 20 7946 0018", "£500"])(
      "keeps %s out of a customer's name",
      (name) => {
        const greeted = withSentence(0, { text: `Hello ${name},` }, withSlot("customer_name", { value: name }));
        expect(rulesOf(greeted)).toContain("slot_provenance");
      },
    );
    it("refuses prose where a name belongs", () => {
      const name = "Maya\n\nYour refund has been approved";
      expect(
        rulesOf(withSentence(0, { text: `Hello ${name},` }, withSlot("customer_name", { value: name }))),
      ).toContain("slot_provenance");
    });
    it("allows the system a number of its own, such as the reference", () => {
      const renamed = withSentence(
        4,
        { text: "Your reference is OD-77001." },
        withSlot("reference", { value: "OD-77001" }),
      );
      expect(rulesOf(renamed)).toEqual([AUTO_RULE]);
    });
  });

  describe("templates", () => {
    it("needs one, of this desk, in the version that was approved, for this category", () => {
      expect(rulesOf(aProposal({ templateId: null }))).toContain("template_unapproved");
      expect(rulesOf(aProposal({ templateId: "unknown" }))).toContain("template_unapproved");
      expect(rulesOf(aProposal({ templateVersion: contentHash("older") }))).toEqual(["template_unapproved"]);
      const moved = aDesk({ templates: [{ ...aTemplate(), categoryId: "hardware" }] });
      expect(rulesOf(aProposal(), undefined, moved)).toEqual(["template_unapproved"]);
    });
    it("finds a sentence that is not in the template, and one in another order", () => {
      expect(rulesOf(withSentence(1, { text: "You can connect without Northgate Connect." }))).toEqual([
        "template_unapproved",
      ]);
      const [hello, connect, ...rest] = aProposal().sentences;
      expect(rulesOf(aProposal({ sentences: [connect!, hello!, ...rest] }))).toEqual(["template_unapproved"]);
    });
    it("does not take a person's sentence for the template's", () => {
      expect(rulesOf(withSentence(1, { source: "person" }))).toContain("template_unapproved");
    });
  });

  describe("citations", () => {
    it("needs every quote verbatim", () => {
      const quote = "Enter vpn.northgate.example as THE server";
      expect(rulesOf(withSentence(ANSWER_AT, { citations: [{ chunkId: "vpn-guide@2#1", quote }] }))).toEqual([
        "quote_not_verbatim",
      ]);
    });
    it("notices evidence that differs from its hash", () => {
      expect(rulesOf(aProposal({ evidence: [anEvidence({ quoteHash: contentHash("other") })] }))).toEqual([
        "quote_not_verbatim",
      ]);
    });
    it("needs every cited chunk among the evidence", () => {
      const sentence = withSentence(ANSWER_AT, { citations: [{ chunkId: "elsewhere", quote: "x" }] });
      expect(rulesOf(sentence)).toContain("citation_unknown");
    });
    it.each([
      ["unknown", null, false],
      ["ahead of what is known", 1, false],
      ["replaced", 3, false],
      ["withdrawn", 2, true],
    ] as const)("does not accept a source that is %s", (_, version, retired) => {
      expect(rulesOf(aProposal(), knownAs(version, retired))).toEqual(["citation_unknown"]);
    });
    it("does not send a template whose ground was withdrawn, even where the evidence has others", () => {
      const sources = new Map([
        [keyOf(TENANT, "vpn-guide"), { sourceId: "vpn-guide", version: 2, retired: false }],
        [keyOf(TENANT, "old-guide"), { sourceId: "old-guide", version: 1, retired: true }],
      ]);
      const desk = aDesk({ templates: [{ ...aTemplate(), grounds: ["vpn-guide", "old-guide"] }] });
      expect(rulesOf(aProposal(), aState({ sources }), desk)).toEqual(["citation_unknown"]);
    });
    it("does not mind sources that are among the evidence and support nothing", () => {
      const bystander = anEvidence({ sourceId: "past-ticket", chunkId: "past-ticket@1#0", text: "Something else." });
      expect(rulesOf(aProposal({ evidence: [anEvidence(), bystander] }))).toEqual([AUTO_RULE]);
    });
  });

  describe("support", () => {
    it.each([
      "vpn.evil.example",
      "https://vpn.northgate.example.evil.example",
      "90 seconds",
      "60.5",
      "£60",
      "+44 20 7946 0018",
      "VPN-812",
    ])("finds %s, which nothing approved contains", (invented) => {
      expect(rulesOf(withSentence(1, { text: `Use ${invented} for this.` }))).toContain("unsupported_identifier");
    });
    it("accepts what the evidence, the template's own words, the system or the desk's name contain", () => {
      expect(rulesOf(aProposal())).not.toContain("unsupported_identifier");
      const addressless = {
        ...aTemplate(),
        body: aTemplate().body.replace("Write to help@northgate.example if it fails. ", ""),
      };
      expect(rulesOf(aProposal(), undefined, aDesk({ templates: [addressless] }))).toContain("unsupported_identifier");
    });
    it("holds back what its citations do not say", () => {
      const text = "Bring your passport, two photographs and a signed letter to the reception.";
      const invented = withSentence(ANSWER_AT, { text });
      expect(rulesOf(invented)).toContain("ungrounded");
      expect(rulesOf(invented, undefined, withPolicy({ groundednessMin: 0 }))).not.toContain("ungrounded");
    });
    it("holds back a statement of a slot that cites nothing", () => {
      expect(rulesOf(withSentence(ANSWER_AT, { citations: [] }))).toEqual(["ungrounded"]);
    });
    it("measures a template's sentence only where it cites", () => {
      const cited = [{ chunkId: "vpn-guide@2#1", quote: "The shield turns green." }];
      expect(decideGate(inputsOf(withSentence(3, { citations: cited }))).groundedness).toBeLessThan(1);
    });
    it("needs as much evidence as the policy asks for", () => {
      expect(rulesOf(aProposal(), undefined, withPolicy({ evidenceMin: 2 }))).toEqual(["evidence_weak"]);
    });
    it("needs something of what the template rests on", () => {
      const desk = aDesk({ templates: [{ ...aTemplate(), grounds: ["another-guide"] }] });
      expect(rulesOf(aProposal(), undefined, desk)).toEqual(["evidence_weak"]);
    });
  });

  describe("the enquiry and the ticket", () => {
    it("leaves to a person what is unlike anything the desk answers", () => {
      expect(rulesOf(aProposal({ outOfScope: true }))).toEqual(["out_of_scope"]);
    });
    it("does not answer a conversation that has moved on, or a closed ticket", () => {
      const place = keyOf(TENANT, "tkt_1");
      expect(
        rulesOf(aProposal(), aState({ tickets: new Map([[place, { conversationVersion: 2, closed: false }]]) })),
      ).toEqual(["stale_version"]);
      expect(
        rulesOf(aProposal(), aState({ tickets: new Map([[place, { conversationVersion: 1, closed: true }]]) })),
      ).toEqual(["stale_version"]);
    });
    it("does not answer machines", () => {
      expect(rulesOf(aProposal({ automatic: true }))).toEqual(["automatic_mail"]);
    });
    it.each(["de", "und"])("does not answer %s with an English template", (language) => {
      expect(rulesOf(aProposal({ language }))).toEqual(["language_unsupported"]);
    });
    it("asks a person where something is not known yet", () => {
      expect(rulesOf(aProposal({ missingInformation: [{ id: "floor", question: "Which floor?" }] }))).toEqual([
        "missing_information",
      ]);
    });
  });

  describe("caps", () => {
    const ago = (hours: number): number => Date.parse(NOW) - hours * 3_600_000;
    it("falls back to review once a customer has had the day's share", () => {
      const approvals = new Map([[keyOf(TENANT, "cus_1"), [ago(2), ago(20)]]]);
      expect(rulesOf(aProposal(), aState({ approvals }))).toEqual(["cap_customer"]);
      expect(rulesOf(aProposal({ customer: { id: "cus_2", name: "Maya Lindqvist" } }), aState({ approvals }))).toEqual([
        AUTO_RULE,
      ]);
      expect(
        rulesOf(aProposal(), aState({ approvals: new Map([[keyOf(TENANT, "cus_1"), [ago(2), ago(25)]]]) })),
      ).toEqual([AUTO_RULE]);
    });
    it("falls back to review once the desk has had the hour's share", () => {
      const approvals = new Map([[TENANT, [ago(0.1), ago(0.9)]]]);
      expect(rulesOf(aProposal(), aState({ approvals }), withAutoSend({ capPerHour: 2 }))).toEqual(["cap_hour"]);
      expect(rulesOf(aProposal(), aState({ approvals }), withAutoSend({ capPerHour: 3 }))).toEqual([AUTO_RULE]);
    });
    it("sends nothing where a cap is nought", () => {
      expect(rulesOf(aProposal(), undefined, withAutoSend({ capPerHour: 0, capPerCustomerPerDay: 0 }))).toEqual([
        "cap_customer",
        "cap_hour",
      ]);
    });
  });
});
