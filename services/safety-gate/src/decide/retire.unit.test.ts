import { TENANT, anEvent } from "./proposal.fixture.ts";
import { afterRetired, decideRetired } from "./retire.ts";
import { aReview } from "./review.fixture.ts";
import { type ReviewState, keyOf } from "./state.ts";
import { messageAdded, ticketChanged } from "./ticket-news.ts";

const retired = (reason: string, review: ReviewState | undefined = aReview()) =>
  decideRetired(
    anEvent("ai.draft.retired", {
      ticketId: "tkt_1",
      reference: "OD-1025",
      aggregateVersion: 4,
      conversationVersion: 2,
      draftId: "drf_1",
      reason,
      supersededBy: null,
    } as never),
    new Map([[keyOf(TENANT, review.draftId), review]]),
  );

describe("decideRetired", () => {
  it.each(["pending", "approved_waiting"] as const)("closes a review that is %s", (status) => {
    expect(retired("newer_message", aReview({ status }))).toMatchObject({
      effects: {
        rows: {
          closes: true,
          review: { status: "retired", version: 2 },
          disposition: { to: "retired", reason: "newer_message" },
        },
      },
    });
  });
  it("leaves a decision as it is and records that ingest refused to apply it", () => {
    expect(retired("apply_refused", aReview({ status: "decided" }))).toMatchObject({
      effects: { rows: { closes: false, review: { status: "decided", version: 1 }, disposition: { to: "refused" } } },
    });
  });
  it("waits for the proposal of a draft that it has not heard of", () => {
    expect(retired("newer_message", aReview({ draftId: "drf_other" }))).toMatchObject({
      outcome: "defer",
      waiting: { until: `draft:${TENANT}:drf_1` },
    });
  });
  it("has nothing to do the second time", () => {
    const first = retired("newer_message");
    if (first.outcome !== "done" || first.effects.rows === undefined) throw new Error("not done");
    const after = afterRetired(new Map(), first.effects.rows);
    expect(retired("source_changed", after.get(keyOf(TENANT, "drf_1")))).toMatchObject({ outcome: "ignore" });
  });
});

const place = { ticketId: "tkt_1", reference: "OD-1025", aggregateVersion: 4, conversationVersion: 2 };

describe("news of a ticket", () => {
  it("says that a draft was applied when a reply was made from it, and only then", () => {
    expect(messageAdded(anEvent("ticket.message_added", { ...place, draftId: "drf_1" } as never))).toMatchObject({
      effects: { rows: { disposition: { draftId: "drf_1", to: "applied" } } },
    });
    expect(messageAdded(anEvent("ticket.message_added", place as never))).toMatchObject({
      effects: { rows: { ticket: { conversationVersion: 2 } } },
    });
  });
  it.each([
    [{ status: "closed" }, true],
    [{ status: "resolved" }, true],
    [{ status: "open" }, false],
    [{ mergedInto: "tkt_2" }, true],
    [{ assigneeId: "ruth" }, undefined],
  ])("reads %j as closed: %s", (after, closed) => {
    const outcome = ticketChanged(anEvent("ticket.changed", { ...place, after } as never));
    expect(outcome.outcome === "done" ? outcome.effects.rows?.closed : "not done").toBe(closed);
  });
});
