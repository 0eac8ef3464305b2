import fc from "fast-check";
import { LIFE, type Said, autoApproved, created, envelopeOf, proposed } from "../testing/life.ts";
import { tellStory } from "./tell-story.ts";

const kept = (said: readonly Said[]) => said.map((one, index) => ({ position: index + 1, event: envelopeOf(one) }));
const stepsOf = (said: readonly Said[]) => tellStory(kept(said)).steps;
const happened = (said: readonly Said[]) =>
  stepsOf(said)
    .filter((step) => step.happened)
    .map((step) => step.step);

describe("a story", () => {
  it("shows all ten steps, with the artefacts of the turn that was decided", () => {
    const steps = stepsOf(LIFE);
    expect(steps.map((step) => [step.step, step.happened])).toEqual(
      Array.from({ length: 10 }, (_, index) => [index + 1, true]),
    );
    expect(steps[2]?.artefacts).toMatchObject({ draftId: "drf_2", followUpId: "sug_1", runId: "run_t2" });
    expect(steps[3]?.artefacts["runs"]).toEqual(["run_t2", "run_s2"]);
    expect(steps[7]?.artefacts).toMatchObject({
      producer: "/opsdesk/test",
      schemaVersion: "1.0",
      eventId: envelopeOf(LIFE[13]!).id,
    });
    expect(steps[8]?.artefacts).toMatchObject({ deliveryId: "dlv_13", httpStatus: 200 });
    expect(steps[9]?.artefacts).toMatchObject({ decision: "approved", actor: "Priya Nair", calls: ["con_1"] });
  });

  it("shows only the steps that have happened", () => {
    expect(happened([])).toEqual([]);
    expect(happened([created])).toEqual([1]);
    expect(happened(LIFE.slice(0, 2))).toEqual([1, 2]);
    expect(happened(LIFE.slice(0, 3))).toEqual([1, 2]);
    expect(happened(LIFE.slice(0, 7))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(happened(LIFE.slice(0, 8))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("counts no webhook of another event as the review's", () => {
    expect(happened(LIFE.filter(({ minute }) => minute !== 6 && minute !== 13))).not.toContain(9);
    expect(happened(LIFE.filter(({ minute }) => minute !== 13))).not.toContain(9);
  });

  it("has no review where the gate let the draft out, or nothing was proposed", () => {
    expect(happened([...LIFE.slice(0, 6), autoApproved(1, 5)])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(happened([...LIFE.slice(0, 5), proposed(1, 4, "abstained")])).not.toContain(6);
  });

  it("is the same in whatever order it was heard", () => {
    const { steps, totals, runs, gate, actions } = tellStory(kept(LIFE));
    fc.assert(
      fc.property(fc.shuffledSubarray(kept(LIFE), { minLength: LIFE.length }), (order) => {
        expect(tellStory(order)).toMatchObject({ steps, totals, runs, gate, actions });
      }),
      { numRuns: 50 },
    );
  });

  it("adds up what it cost and names who acted", () => {
    const { actions, evidence, gate, totals, webhooks } = tellStory(kept(LIFE));
    expect(totals).toMatchObject({
      runs: 7,
      costMicros: 49,
      inputTokens: 350,
      outputTokens: 70,
      webhookAttempts: 4,
      events: LIFE.length,
      elapsedMs: 22 * 60_000,
    });
    expect(totals.latencyMs).toBeCloseTo(3 * 1.234 + 2 * 0.1 + 2 * 0.2, 6);
    expect(actions.map(({ what }) => what)).toEqual([
      "approve",
      "approved",
      "reply",
      "assigned",
      "priority",
      "contact.logged",
      "closed",
    ]);
    expect(gate.map(({ conversationVersion, verdict }) => [conversationVersion, verdict])).toEqual([
      [1, "review"],
      [2, "review"],
    ]);
    expect(evidence.every(({ quoted }) => quoted)).toBe(true);
    expect(webhooks).toHaveLength(2);
  });
});
