import { checkProduced } from "@opsdesk/schemas";
import type { AiDraftReviewed } from "@opsdesk/schemas/ai-draft-reviewed";
import type { DraftDecisionSubmitted } from "@opsdesk/schemas/draft-decision-submitted";
import fc from "fast-check";
import { type DecisionState, afterDecision, decideDecision } from "./decision.ts";
import { NOW, TENANT, aDesk, anEvent, plainLinks } from "./proposal.fixture.ts";
import { decideRelease, decideUnreleased } from "./release.ts";
import { aDecision, aDecisionState, aReview } from "./review.fixture.ts";
import { type ReviewState, keyOf } from "./state.ts";

const LATER = "2026-11-20T14:20:00.000Z";
const submitted = (
  change: Partial<DraftDecisionSubmitted> = {},
  state: DecisionState = aDecisionState(),
  now = LATER,
) => decideDecision(anEvent("draft.decision_submitted", aDecision(change)), state, { now, links: plainLinks });

function effectsOf(outcome: ReturnType<typeof submitted>) {
  if (outcome.outcome !== "done" || outcome.effects.rows === undefined)
    throw new Error(`not done: ${JSON.stringify(outcome)}`);
  const [event] = outcome.effects.events ?? [];
  if (event !== undefined) expect(checkProduced(event.type, event.data)).toEqual([]);
  return { rows: outcome.effects.rows, event, jobs: outcome.effects.jobs ?? [] };
}

const refusal = (...given: Parameters<typeof submitted>): unknown => {
  const { event, rows } = effectsOf(submitted(...given));
  expect(rows.review).toBeUndefined();
  expect(rows.disposition).toBeUndefined();
  return codeOf(event?.data);
};
const codeOf = (data: unknown): string => (data as { code: string }).code;
const withUndo = (): ReturnType<typeof aDesk> => aDesk({ policy: { ...aDesk().policy, undoSeconds: 10 } });
const undoState = (review: ReviewState = aReview()): DecisionState =>
  aDecisionState({ desks: new Map([[TENANT, { desk: withUndo() }]]) }, review);

describe("decideDecision", () => {
  it("releases an approval with the text that was read, and says who read what when", () => {
    const { event, rows } = effectsOf(submitted({ note: "Fine." }));
    expect(event).toMatchObject({
      type: "ai.draft.reviewed",
      data: {
        decision: "approved",
        actor: { kind: "person", id: "priya", name: "Priya Nair" },
        text: "Hello Maya. Restart the router.",
        edit: null,
        openedAt: "2026-11-20T14:11:00.000Z",
        openedEvidence: ["vpn-guide@2#1"],
        note: "Fine.",
      },
    });
    expect(rows.review).toMatchObject({ status: "decided", version: 2 });
    expect(rows.disposition).toBeUndefined();
  });

  it("releases an edit with its difference by sentence; kept sentences keep their citations", () => {
    const { event, rows } = effectsOf(
      submitted({ decision: "edit", text: "Hello Maya. Restart the router twice. Then call us." }),
    );
    const data = event?.data as AiDraftReviewed;
    expect(data.edit).toMatchObject({ sentencesKept: 1, sentencesAdded: 2, sentencesRemoved: 1 });
    expect(data.sentences.map(({ source }) => source)).toEqual(["template", "person", "person"]);
    expect(rows.review?.outcome?.edit).toMatchObject({ kept: ["Hello Maya."], removed: ["Restart the router."] });
  });

  it.each([
    ["reject", "rejected"],
    ["take_over", "taken_over"],
  ] as const)("closes the draft on %s: its disposition is refused", (decision, word) => {
    const { event, rows } = effectsOf(submitted({ decision }));
    expect(event?.data).toMatchObject({ decision: word, text: null, sentences: [] });
    expect(rows.disposition).toMatchObject({ draftId: "drf_1", to: "refused", reason: word });
  });

  describe("refuses", () => {
    it("a review that does not exist, or is of another ticket or tenant, once it cannot be late any more", () => {
      const none = aDecisionState({ reviews: new Map() });
      expect(submitted({}, none, NOW)).toMatchObject({
        outcome: "defer",
        waiting: { until: `review:${TENANT}:rev_1` },
      });
      expect(refusal({}, none)).toBe("review_unknown");
      expect(refusal({ ticketId: "tkt_2" })).toBe("review_unknown");
      expect(
        refusal({}, aDecisionState({ reviews: new Map([[keyOf("other", "rev_1"), aReview({ tenant: "other" })]]) })),
      ).toBe("review_unknown");
    });
    it("a person that the desk does not know, and whoever is no person", () => {
      expect(refusal({ actor: { kind: "person", id: "eve" } })).toBe("not_allowed");
      expect(refusal({ actor: { kind: "system", id: "priya" } })).toBe("not_allowed");
    });
    it.each([
      ["vera", []],
      ["callum", ["reject", "take_over"]],
      ["priya", ["approve", "edit", "reject", "take_over"]],
      ["ruth", ["approve", "edit", "reject", "take_over"]],
    ] as const)("what the role of %s does not include", (id, may) => {
      const allowed = (["approve", "edit", "reject", "take_over"] as const).filter(
        (decision) =>
          effectsOf(submitted({ decision, text: "Hello.", actor: { kind: "person", id } })).rows.decision.refusal ===
          null,
      );
      expect(allowed).toEqual(may);
    });
    it("a draft that was decided, is waiting to go out, or has been retired", () => {
      expect(refusal({}, aDecisionState({}, aReview({ status: "decided" })))).toBe("already_decided");
      expect(refusal({}, aDecisionState({}, aReview({ status: "approved_waiting" })))).toBe("already_decided");
      expect(refusal({}, aDecisionState({}, aReview({ status: "retired" })))).toBe("draft_retired");
    });
    it("a release into a conversation that has moved on, though not the taking over of it", () => {
      const state = aDecisionState({
        tickets: new Map([[keyOf(TENANT, "tkt_1"), { conversationVersion: 2, closed: false }]]),
      });
      expect(refusal({}, state)).toBe("draft_retired");
      expect(effectsOf(submitted({ decision: "take_over" }, state)).rows.review?.status).toBe("decided");
    });
    it("a decision about something else than what was read", () => {
      expect(refusal({ fingerprint: "f".repeat(64) })).toBe("fingerprint_changed");
    });
    it("an approval or edit where there is no draft, and an edit without text", () => {
      expect(refusal({}, aDecisionState({}, aReview({ draft: null })))).toBe("nothing_to_send");
      expect(refusal({ decision: "edit", text: "Hello." }, aDecisionState({}, aReview({ draft: null })))).toBe(
        "nothing_to_send",
      );
      expect(refusal({ decision: "edit" })).toBe("text_missing");
      expect(refusal({ decision: "edit", text: " \n" })).toBe("text_missing");
    });
    it("an undo of nothing", () => {
      expect(refusal({ decision: "undo" })).toBe("nothing_to_undo");
      expect(refusal({ decision: "undo" }, aDecisionState({}, aReview({ status: "decided" })))).toBe("nothing_to_undo");
    });
  });

  describe("decision links", () => {
    const proof = "rev_1@2026-11-22T00:00:00.000Z";
    const linked = (change: Partial<DraftDecisionSubmitted> = {}): Partial<DraftDecisionSubmitted> => ({
      via: "decision_link",
      actor: { kind: "system", id: "decision-link" },
      proof,
      ...change,
    });
    it("decide as the review's owner, once", () => {
      const { rows, event } = effectsOf(submitted(linked()));
      expect(event?.data).toMatchObject({ actor: { kind: "person", id: "priya" }, via: "decision_link" });
      expect(rows.review?.linkUsed).toBe(true);
      expect(refusal(linked(), aDecisionState({}, aReview({ linkUsed: true })))).toBe("not_allowed");
    });
    it("do nothing without a token, with another's, or past their time", () => {
      expect(refusal({ via: "decision_link", actor: { kind: "system", id: "x" } })).toBe("not_allowed");
      expect(refusal(linked({ proof: "rev_2@2026-11-22T00:00:00.000Z" }))).toBe("not_allowed");
      expect(refusal(linked({ proof: "rev_1@2026-11-20T14:13:00.000Z" }))).toBe("not_allowed");
    });
    it("stay good after a refusal", () => {
      expect(effectsOf(submitted(linked({ fingerprint: "f".repeat(64) }))).rows.review).toBeUndefined();
    });
    it("give no more rights than the owner has", () => {
      expect(refusal(linked(), aDecisionState({}, aReview({ ownerId: "callum" })))).toBe("not_allowed");
    });
  });

  describe("the same decision again", () => {
    it("is answered once", () => {
      const state = afterDecision(aDecisionState(), effectsOf(submitted()).rows);
      expect(submitted({}, state)).toMatchObject({ outcome: "ignore", reason: "decision_repeated" });
    });
    it("with other content is refused, and the first stays", () => {
      const state = afterDecision(aDecisionState(), effectsOf(submitted()).rows);
      expect(refusal({ decision: "reject" }, state)).toBe("already_decided");
    });
  });

  it("lets exactly one of any decisions win, and tells every loser why", () => {
    const kinds = fc.constantFrom("approve", "edit", "reject", "take_over" as const);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kinds, fc.constantFrom("priya", "ruth")), { minLength: 1, maxLength: 8 }),
        (decisions) => {
          let state = aDecisionState();
          const answers = decisions.map(([decision, id], n) => {
            const { rows, event } = effectsOf(
              submitted({ decisionId: `dec_${n}`, decision, text: "Hello.", actor: { kind: "person", id } }, state),
            );
            state = afterDecision(state, rows);
            return event?.type === "ai.draft.reviewed" ? "won" : codeOf(event?.data);
          });
          expect(answers).toEqual(["won", ...answers.slice(1).map(() => "already_decided")]);
        },
      ),
    );
  });

  describe("the undo window", () => {
    it("holds an approval back and lets the job release it", () => {
      const { rows, event, jobs } = effectsOf(submitted({}, undoState()));
      expect(event).toBeUndefined();
      expect(jobs).toEqual([
        {
          queue: "draft.release",
          key: "tkt_1",
          data: { reviewId: "rev_1", decisionId: "dec_1" },
          startAfterSeconds: 10,
        },
      ]);
      const released = decideRelease(rows.review, "dec_1");
      expect(released).toMatchObject({
        outcome: "done",
        effects: {
          rows: { status: "decided", version: 3 },
          events: [{ type: "ai.draft.reviewed", data: { decision: "approved" } }],
        },
      });
    });
    it("does not hold back what sends nothing", () => {
      expect(effectsOf(submitted({ decision: "reject" }, undoState())).event?.type).toBe("ai.draft.reviewed");
    });
    it("ends with an undo: the draft is pending again and the job finds nothing to do", () => {
      const held = afterDecision(undoState(), effectsOf(submitted({}, undoState())).rows);
      const { rows } = effectsOf(submitted({ decisionId: "dec_2", decision: "undo" }, held));
      expect(rows.review).toMatchObject({ status: "pending", outcome: null, version: 3 });
      expect(decideRelease(rows.review, "dec_1")).toMatchObject({ outcome: "ignore" });
    });
    it("releases only the decision that it was sent for", () => {
      const { rows } = effectsOf(submitted({}, undoState()));
      expect(decideRelease(rows.review, "dec_0")).toMatchObject({ outcome: "ignore" });
      expect(decideRelease(undefined, "dec_1")).toMatchObject({ outcome: "ignore" });
      expect(decideRelease({ ...rows.review!, status: "retired" }, "dec_1")).toMatchObject({ outcome: "ignore" });
    });
    it("gives a draft that could not be released back to people", () => {
      const { rows } = effectsOf(submitted({}, undoState()));
      expect(decideUnreleased(rows.review, "dec_1")).toMatchObject({
        outcome: "done",
        effects: { rows: { status: "pending", outcome: null } },
      });
    });
  });

  it("writes every decision to the audit chain, without anyone's words", () => {
    const { rows } = effectsOf(submitted({ decision: "edit", text: "Hello secret words.", note: "secret note" }));
    expect(rows.audit).toMatchObject({ action: "draft_decided", ticketId: "tkt_1", sequence: 1 });
    expect(rows.audit.content).not.toContain("secret");
    expect(effectsOf(submitted({ fingerprint: "f".repeat(64) })).rows.audit.action).toBe("decision_refused");
  });
});
