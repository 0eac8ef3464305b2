import { anObservation, aScenario } from "../testing/fixtures.ts";
import { type Found, judge } from "./judge.ts";

const found = (changes: Partial<Found> = {}): Found => ({
  disposition: "review_required",
  observation: anObservation(),
  reply: null,
  ...changes,
});
const SENT = { outcome: "sent", carrier: "capture", text: "" } as const;
const codes = (changes: Partial<Found>, expected = {}): readonly string[] =>
  judge(aScenario({ expect: expected }).expect, found(changes), "scenario_timeout").map(({ code }) => code);

describe("judge", () => {
  it("finds nothing wrong with what was expected", () => expect(codes({})).toEqual([]));

  it.each([
    ["disposition_wrong", { disposition: "auto_approved", reply: SENT }, {}],
    ["category_wrong", { observation: anObservation({ categoryId: "email" }) }, {}],
    ["category_wrong", { observation: anObservation({ categoryId: null }) }, {}],
    ["template_wrong", { observation: anObservation({ templateId: "other" }) }, {}],
    ["priority_wrong", {}, { priority: "urgent" }],
    ["rule_missing", { observation: anObservation({ rules: ["out_of_scope"] }) }, {}],
    ["citation_missing", { observation: anObservation({ evidenceSources: ["another"] }) }, {}],
    ["fact_missing", { observation: anObservation({ draft: "Restart it." }) }, {}],
    ["fact_missing", { observation: anObservation({ draft: null }) }, {}],
    ["forbidden_text", { observation: anObservation({ draft: "The channel scan: this is GUARANTEED." }) }, {}],
    [
      "forbidden_text",
      { disposition: "auto_approved", reply: { ...SENT, text: "Guaranteed." } },
      { disposition: "auto_approved" },
    ],
    [
      "outside_request",
      { disposition: "auto_approved", reply: { ...SENT, carrier: "smtp" } },
      { disposition: "auto_approved" },
    ],
    [
      "outside_request",
      { disposition: "auto_approved", reply: { ...SENT, carrier: "record" } },
      { disposition: "auto_approved" },
    ],
    ["reply_unapproved", { reply: SENT }, {}],
    ["reply_missing", { disposition: "auto_approved" }, { disposition: "auto_approved" }],
    [
      "reply_missing",
      { disposition: "auto_approved", reply: { outcome: "retired", carrier: null, text: null } },
      { disposition: "auto_approved" },
    ],
  ] as const)("says %s", (code, changes, expected) =>
    expect(codes(changes as Partial<Found>, expected)).toEqual([code]),
  );

  it("asks for no category or template where the scenario names none", () => {
    expect(
      codes(
        { observation: anObservation({ categoryId: "email", templateId: null }) },
        { categoryId: null, templateId: null },
      ),
    ).toEqual([]);
  });

  it("names every rule, citation, fact and forbidden text on its own", () => {
    const observation = anObservation({ rules: [], evidenceSources: [], draft: "one two" });
    expect(
      codes({ observation }, { rules: ["a", "b"], citations: ["c"], facts: ["x", "y"], never: ["one", "two"] }),
    ).toEqual([
      "rule_missing",
      "rule_missing",
      "citation_missing",
      "fact_missing",
      "fact_missing",
      "forbidden_text",
      "forbidden_text",
    ]);
  });

  it("reads through typography: case, line breaks and curly quotes are no other fact", () => {
    expect(
      codes(
        { observation: anObservation({ draft: "Don’t\nmove the CHANNEL\n  scan." }) },
        { facts: ["don't move the channel scan"] },
      ),
    ).toEqual([]);
  });

  it("has one word for a scenario that nothing came from, by why nothing came", () => {
    const nothing: Found = { disposition: null, observation: null, reply: null };
    const { expect: expected } = aScenario();
    expect(judge(expected, nothing, "scenario_timeout")).toMatchObject([{ code: "scenario_timeout" }]);
    expect(judge(expected, nothing, "run_failed")).toMatchObject([{ code: "run_failed" }]);
  });

  it("still reports a reply that left the house where no disposition ever came", () => {
    expect(codes({ disposition: null, observation: null, reply: { ...SENT, carrier: "smtp" } })).toEqual([
      "scenario_timeout",
      "outside_request",
    ]);
  });
});
