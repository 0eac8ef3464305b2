import { readFileSync, readdirSync } from "node:fs";
import { canonicalJson, sha256Hex } from "@opsdesk/identity";
import fc from "fast-check";
import { decideGate } from "./gate.ts";
import type { GateInputs } from "./gate-inputs.ts";
import { aProposal, inputsOf } from "./proposal.fixture.ts";
import { type StoredDecision, decideAndKeep, replay } from "./replay.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);
const released = readdirSync(FIXTURES).flatMap((version) =>
  readdirSync(new URL(`${version}/`, FIXTURES)).map((file) => ({
    version,
    file,
    url: new URL(`${version}/${file}`, FIXTURES),
  })),
);
const kept = (): StoredDecision => decideAndKeep(inputsOf(aProposal())).kept;

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}

describe("decisions of released gate versions", () => {
  it("are kept as fixtures", () => {
    expect(released.filter(({ version }) => version === "gate-1").length).toBeGreaterThanOrEqual(8);
  });
  it.each(released)("come out the same, byte for byte: $version/$file", ({ url }) => {
    // Written by this file's own format: the inputs as a value, the decision as its canonical text.
    const { inputs, decision } = JSON.parse(readFileSync(url, "utf8")) as { inputs: GateInputs; decision: string };
    expect(canonicalJson(decideGate(inputs))).toBe(decision);
  });
});

describe("replay", () => {
  it("gives the same decision from what was stored", () => {
    const was = kept();
    expect(replay(was)).toEqual({ result: "same", gateVersion: "gate-1", decisionHash: was.decisionHash });
  });

  it("stores equal inputs as equal bytes, however their keys are ordered and whatever the texts hold", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (words, share, flag) => {
          const inputs = inputsOf(
            aProposal({
              summary: words,
              confidence: share,
              automatic: flag,
              missingInformation: [{ id: "q", question: words || "?" }],
            }),
          );
          const again = shuffled(inputs) as GateInputs;
          const [one, other] = [decideAndKeep(inputs).kept, decideAndKeep(again).kept];
          expect(other).toEqual(one);
          expect(replay(one).result).toBe("same");
        },
      ),
    );
  });

  it("reports the difference by rule where another gate decided", () => {
    const was = kept();
    const decision = canonicalJson({
      ...JSON.parse(was.decision),
      gateVersion: "gate-0",
      verdict: "review",
      reasons: [{ rule: "evidence_weak", words: "as it was" }],
    });
    expect(replay({ ...was, gateVersion: "gate-0", decision, decisionHash: sha256Hex(decision) })).toEqual({
      result: "different",
      storedVersion: "gate-0",
      gateVersion: "gate-1",
      verdict: { stored: "review", now: "auto_send" },
      onlyStored: ["evidence_weak"],
      onlyNow: ["auto_send_licensed"],
      otherWords: [],
    });
  });

  it("names rules that fired both times with other words", () => {
    const inputs = inputsOf(aProposal({ automatic: true }));
    const was = decideAndKeep(inputs).kept;
    const decision = canonicalJson({
      ...JSON.parse(was.decision),
      reasons: [{ rule: "automatic_mail", words: "older words" }],
    });
    expect(replay({ ...was, decision, decisionHash: sha256Hex(decision) })).toMatchObject({
      result: "different",
      otherWords: ["automatic_mail"],
    });
  });

  it("says when what was stored is not what was decided, or has been erased", () => {
    const was = kept();
    expect(replay({ ...was, inputs: `${was.inputs} ` })).toEqual({ result: "altered", what: "inputs" });
    expect(replay({ ...was, decision: was.decision.replace("auto_send", "review") })).toEqual({
      result: "altered",
      what: "decision",
    });
    expect(replay({ ...was, inputs: null })).toEqual({ result: "erased" });
  });
});
