import { checkProduced } from "@opsdesk/schemas";
import type { AiDraftAutoApproved } from "@opsdesk/schemas/ai-draft-auto-approved";
import type { AiDraftProposed } from "@opsdesk/schemas/ai-draft-proposed";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { NOW, TENANT, aDesk, aProposal, aState, anEvent, plainLinks } from "./proposal.fixture.ts";
import { afterProposal, type ProposalState } from "./proposal-state.ts";
import { type ProposalRows, decideProposal } from "./propose.ts";
import { keyOf } from "./state.ts";

const settings = { now: NOW, links: plainLinks, publicUrl: "https://desk.example" };
const decided = (
  change: Partial<AiDraftProposed> = {},
  state: ProposalState = aState(),
  envelope: Partial<Envelope<AiDraftProposed>> = {},
) => decideProposal(anEvent("ai.draft.proposed", aProposal(change), envelope), state, settings);

function effectsOf(outcome: ReturnType<typeof decideProposal>) {
  if (outcome.outcome !== "done" || outcome.effects.rows === undefined)
    throw new Error(`not done: ${JSON.stringify(outcome)}`);
  return { rows: outcome.effects.rows, event: outcome.effects.events?.[0], wakes: outcome.effects.wakes };
}

describe("decideProposal", () => {
  it("approves what is licensed, with one gated disposition and a review that is already decided", () => {
    const { rows, event } = effectsOf(decided());
    expect(event?.type).toBe("ai.draft.auto_approved");
    expect(checkProduced("ai.draft.auto_approved", event?.data)).toEqual([]);
    expect(rows.disposition).toMatchObject({ state: "gated", verdict: "auto_send", rules: ["auto_send_licensed"] });
    expect(rows.review.status).toBe("decided");
  });

  it("lays a draft out as its template is laid out", () => {
    const data = effectsOf(decided()).event?.data as AiDraftAutoApproved;
    expect(data.draft.text).toContain("Hello Maya Lindqvist,\n\nYou connect");
  });

  it("asks the owner of the category, by the promised time, with everything that a screen needs", () => {
    const { rows, event } = effectsOf(
      decided({ risks: [{ id: "urgent", detail: "It cannot wait." }], priority: "urgent" }),
    );
    expect(event?.type).toBe("ai.draft.review_required");
    expect(checkProduced("ai.draft.review_required", event?.data)).toEqual([]);
    expect(event?.data).toMatchObject({
      owner: { id: "priya", name: "Priya Nair" },
      dueBy: "2026-11-20T14:42:04.000Z",
      reasons: [{ rule: "risk:urgent" }],
      categoryName: "VPN",
      decisionUrlExpiresAt: "2026-11-22T14:12:05.000Z",
    });
    expect(rows.review).toMatchObject({ status: "pending", version: 1 });
  });

  it("falls back to the lead where a category's owner is nobody, or there is no category", () => {
    for (const categoryId of ["hardware", null])
      expect(effectsOf(decided({ categoryId })).rows.review.ownerId).toBe("ruth");
  });

  it.each(["abstained", "failed", "not_run"] as const)(
    "turns %s into a review without a draft, and keeps that state for good",
    (outcome) => {
      const { rows, event } = effectsOf(
        decided({ outcome, reason: "ai_disabled", sentences: [], slots: [], templateId: null, templateVersion: null }),
      );
      expect(checkProduced("ai.draft.review_required", event?.data)).toEqual([]);
      expect(event?.data).toMatchObject({ draft: null });
      expect(rows.disposition?.state).toBe(outcome);
    },
  );

  it("gives the same fingerprint to the same draft, and another to another", () => {
    const print = (change: Partial<AiDraftProposed>) => effectsOf(decided(change)).rows.review.fingerprint;
    expect(print({ confidence: 0.1 })).toBe(print({}));
    expect(print({ conversationVersion: 2 })).not.toBe(print({}));
    expect(print({ evidence: [] })).not.toBe(print({}));
  });

  it("waits for the desk", () => {
    expect(decided({}, aState({ desks: new Map() }))).toMatchObject({
      outcome: "defer",
      waiting: { until: `desk:${TENANT}` },
    });
  });

  it("waits a little for news of a source, where nothing else keeps the draft from going out", () => {
    const state = aState({ sources: new Map() });
    expect(decided({}, state)).toMatchObject({ outcome: "defer", waiting: { until: `source:${TENANT}:vpn-guide` } });
    expect(effectsOf(decided({}, state, { time: "2026-11-20T14:11:00.000Z" })).rows.disposition?.rules).toEqual([
      "citation_unknown",
    ]);
    expect(effectsOf(decided({ automatic: true }, state)).rows.disposition?.rules).toEqual([
      "citation_unknown",
      "automatic_mail",
    ]);
  });

  it("does not wait where waiting cannot help", () => {
    const state = aState({
      sources: new Map([[keyOf(TENANT, "vpn-guide"), { sourceId: "vpn-guide", version: 3, retired: false }]]),
    });
    expect(effectsOf(decided({}, state)).rows.disposition?.rules).toEqual(["citation_unknown"]);
  });

  it("gives a conversation version one disposition: the same draft again is nothing new", () => {
    const again = decided({}, afterProposal(aState(), effectsOf(decided()).rows));
    expect(again).toEqual(expect.objectContaining({ outcome: "ignore", reason: "already_gated" }));
  });

  it("parks a draft id that was used before, for another conversation version", () => {
    const state = afterProposal(aState(), effectsOf(decided()).rows);
    for (const other of [{ ticketId: "tkt_2" }, { conversationVersion: 2 }])
      expect(decided(other, state)).toEqual(expect.objectContaining({ outcome: "reject", code: "draft_reused" }));
  });

  it("takes a retired draft once", () => {
    const gated = aState({ gated: new Map([[keyOf(TENANT, "tkt_1", 1), "drf_0"]]) });
    expect(decided({}, afterProposal(gated, effectsOf(decided({}, gated)).rows)).outcome).toBe("ignore");
  });

  it("keeps a second draft of a version as retired and tells nobody to decide about it", () => {
    const { rows, event } = effectsOf(decided({}, aState({ gated: new Map([[keyOf(TENANT, "tkt_1", 1), "drf_0"]]) })));
    expect(rows).toEqual({ review: expect.objectContaining({ status: "retired", draftId: "drf_1" }) });
    expect(event).toBeUndefined();
  });

  it("wakes what came ahead of it", () => {
    const { rows, wakes } = effectsOf(decided());
    expect(wakes).toEqual([`draft:${TENANT}:drf_1`, `review:${TENANT}:${rows.review.reviewId}`]);
  });
});

describe("afterProposal", () => {
  const batch = (proposals: readonly Partial<AiDraftProposed>[]): readonly ProposalRows[] => {
    let state = aState();
    return proposals.map((change) => {
      const { rows } = effectsOf(decided(change, state));
      state = afterProposal(state, rows);
      return rows;
    });
  };

  it("counts approvals of the same batch against the caps", () => {
    const rows = batch([1, 2, 3].map((n) => ({ ticketId: `tkt_${n}`, draftId: `drf_${n}` })));
    expect(rows.map(({ disposition }) => disposition?.rules)).toEqual([
      ["auto_send_licensed"],
      ["auto_send_licensed"],
      ["cap_customer"],
    ]);
  });

  it("links the audit rows of a batch", () => {
    const [first, second] = batch([{}, { ticketId: "tkt_2", draftId: "drf_2" }]);
    expect(first?.audit).toMatchObject({ sequence: 1, previousHash: "0".repeat(64) });
    expect(second?.audit).toMatchObject({ sequence: 2, previousHash: first?.audit?.hash });
  });

  it("makes an older version of the same ticket stale", () => {
    const [, older] = batch([{ conversationVersion: 2 }, { conversationVersion: 1, draftId: "drf_0" }]);
    expect(older?.disposition?.rules).toEqual(["stale_version"]);
  });

  it("caps nothing in a shadow, where nothing leaves", () => {
    const shadow = `${TENANT}~eval`;
    const state = aState({
      desks: new Map([[shadow, { desk: aDesk() }]]),
      sources: new Map([[keyOf(shadow, "vpn-guide"), { sourceId: "vpn-guide", version: 2, retired: false }]]),
      approvals: new Map([[keyOf(shadow, "cus_1"), [1, 2, 3].map((n) => Date.parse(NOW) - n)]]),
    });
    expect(effectsOf(decided({}, state, { tenantid: shadow })).rows.disposition?.rules).toEqual(["auto_send_licensed"]);
  });
});
