import { aDesk, aReview, someEvidence } from "../testing/fixtures.ts";
import { observe } from "./observe.ts";
import { unsupportedSentences } from "./support.ts";

const CONTEXT = ["Move the channel scan of access point AP-1107 to the night. It takes 20 minutes."];
const unsupported = (...sentences: readonly string[]) => unsupportedSentences(sentences, CONTEXT, "en").unsupported;

describe("unsupportedSentences", () => {
  it("accepts what the context says, in other forms of its words", () =>
    expect(unsupported("The channel scans are moved to the night.")).toEqual([]));
  it("finds a sentence that says something of its own", () =>
    expect(unsupported("Buy a new laptop from the shop.", "Move the channel scan.")).toEqual([
      "Buy a new laptop from the shop.",
    ]));
  it("finds invented words among few", () =>
    expect(unsupported("Move the channel scan to Tuesday morning.")).toEqual([
      "Move the channel scan to Tuesday morning.",
    ]));
  it("finds an invented number, identifier or link whatever the other words", () => {
    const sentence =
      "Move the channel scan of access point AP-1107 to the night; the channel scan takes 25 minutes, access point scan night.";
    expect(unsupported(sentence)).toEqual([sentence]);
    expect(unsupported("The channel scan of access point AP-1108 moves to the night.")).toHaveLength(1);
    expect(unsupported("Move the channel scan to the night, access point: https://scan.example")).toHaveLength(1);
  });
  it("does not take a part of a number for the number", () =>
    expect(unsupportedSentences(["It takes 2 minutes."], CONTEXT, "en").unsupported).toHaveLength(1));
  it("does not count a sentence without content", () =>
    expect(unsupportedSentences(["We will.", "–"], CONTEXT, "en")).toMatchObject({ unsupported: [] }));
});

describe("observe", () => {
  it("keeps what scores need: rules, sources found, sources cited, sentences", () => {
    expect(
      observe(
        aReview({ evidence: [someEvidence(), someEvidence("other-guide", "Something else entirely.")] }),
        aDesk(),
      ),
    ).toEqual({
      categoryId: "network",
      templateId: "wifi",
      priority: "normal",
      rules: ["category_not_licensed"],
      evidenceSources: ["other-guide", "wifi-playbook"],
      citedSources: ["wifi-playbook"],
      draft: aReview().draft?.text,
      sentences: 2,
      unsupported: [],
    });
  });

  it("does not believe a draft that calls its own words a template's", () => {
    const text = "Your account has been deleted forever.";
    const draft = { text, sentences: [{ text, source: "template" as const, citations: [] }], templateId: "wifi" };
    expect(observe(aReview({ draft }), aDesk()).unsupported).toEqual([text]);
  });

  it("accepts the approved words of the template that the draft names, and of no other", () => {
    const text = "Please restart the coffee machine.";
    const [template] = aDesk().templates;
    const templates = [{ ...template!, body: `Dear {{customer_name}},\n\n${text}` }];
    const draft = { text, sentences: [{ text, source: "template" as const, citations: [] }], templateId: "wifi" };
    expect(observe(aReview({ draft }), aDesk({ templates })).unsupported).toEqual([]);
    expect(observe(aReview({ draft: { ...draft, templateId: "other" } }), aDesk({ templates })).unsupported).toEqual([
      text,
    ]);
  });

  it("counts a citation of what is not in the evidence as a source that nobody named", () => {
    const draft = {
      text: "Scan.",
      sentences: [{ text: "Scan.", source: "slot" as const, citations: [{ chunkId: "chk_none", quote: "Scan." }] }],
      templateId: null,
    };
    expect(observe(aReview({ draft }), aDesk()).citedSources).toEqual(["unknown:chk_none"]);
  });

  it("has nothing to cite or support where there is no draft", () =>
    expect(observe(aReview({ draft: null }), undefined)).toMatchObject({
      draft: null,
      templateId: null,
      citedSources: [],
      sentences: 0,
      unsupported: [],
    }));
});
