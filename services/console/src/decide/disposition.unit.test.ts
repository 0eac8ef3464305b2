import { type DraftLife, dispositionOf } from "./disposition.ts";

const life = (changes: Partial<DraftLife>): DraftLife => ({
  outcome: null,
  reviewId: null,
  autoApprovedAt: null,
  decision: null,
  appliedAt: null,
  retiredReason: null,
  ...changes,
});
const at = "2026-11-16T14:12:00Z";

describe("a draft's disposition", () => {
  it.each([
    ["nothing is known of it yet", {}, null],
    ["it waits for the gate", { outcome: "proposed" }, "proposed"],
    ["a person must decide", { outcome: "proposed", reviewId: "rev_1" }, "gated"],
    ["the gate let it out", { outcome: "proposed", autoApprovedAt: at }, "gated"],
    ["it was approved and has not left", { outcome: "proposed", reviewId: "rev_1", decision: "approved" }, "gated"],
    ["its reply went out", { outcome: "proposed", reviewId: "rev_1", decision: "approved", appliedAt: at }, "applied"],
    [
      "its reply went out and it was retired once more",
      { outcome: "proposed", appliedAt: at, retiredReason: "apply_refused" },
      "applied",
    ],
    ["a person rejected it", { outcome: "proposed", reviewId: "rev_1", decision: "rejected" }, "refused"],
    ["a person took over", { outcome: "proposed", reviewId: "rev_1", decision: "taken_over" }, "refused"],
    [
      "it could not be released",
      { outcome: "proposed", autoApprovedAt: at, retiredReason: "apply_refused" },
      "refused",
    ],
    ["a newer message came", { outcome: "proposed", reviewId: "rev_1", retiredReason: "newer_message" }, "retired"],
    [
      "triage abstained, although a person looks at it",
      { outcome: "abstained", reviewId: "rev_1", decision: "taken_over" },
      "abstained",
    ],
    ["AI is off", { outcome: "not_run" }, "not_run"],
  ] as const)("when %s", (_when, changes, expected) => {
    expect(dispositionOf(life(changes))).toBe(expected);
  });
});
