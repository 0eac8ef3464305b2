import type { Envelope } from "@opsdesk/schemas/envelope";
import { asKnownThen, currentBefore } from "./decided-before.ts";
import { NOW, TENANT, aDesk, aProposal, aState, anEvent, plainLinks } from "./proposal.fixture.ts";
import { decideProposal } from "./propose.ts";
import { keyOf } from "./state.ts";

const proposal = anEvent("ai.draft.proposed", aProposal());
const settings = { now: NOW, links: plainLinks, publicUrl: "https://desk.example" };
const { ticketId, conversationVersion } = proposal.data;
/** The gate knows of a later message. */
const later = aState({
  tickets: new Map([[keyOf(TENANT, ticketId), { conversationVersion: conversationVersion + 1, closed: true }]]),
});
const gated = (state = aState()): Envelope => {
  const outcome = decideProposal(proposal, state, settings);
  const event = outcome.outcome === "done" ? outcome.effects.events?.[0] : undefined;
  return { ...anEvent("ai.draft.proposed", aProposal()), type: event?.type ?? "", data: event?.data };
};
const rulesOf = (state: ReturnType<typeof aState>): readonly string[] | undefined => {
  const outcome = decideProposal(proposal, state, settings);
  return outcome.outcome === "done" ? outcome.effects.rows?.disposition?.rules : undefined;
};

describe("what the gate had decided before", () => {
  it("is decided again without the message that came after it", () => {
    expect(rulesOf(later)).toEqual(["stale_version"]);
    expect(rulesOf(asKnownThen(proposal, later, currentBefore([gated()])))).toEqual(["auto_send_licensed"]);
  });

  it("stays stale when it was", () => {
    expect(rulesOf(asKnownThen(proposal, later, currentBefore([gated(later)])))).toEqual(["stale_version"]);
  });

  it("is of one tenant", () => {
    const other = currentBefore([{ ...gated(), tenantid: "other" }]);
    expect(rulesOf(asKnownThen(proposal, later, other))).toEqual(["stale_version"]);
  });

  it("says nothing of what was never decided, and keeps the rest of the state", () => {
    expect(asKnownThen(proposal, later, currentBefore([]))).toBe(later);
    expect(asKnownThen(proposal, later, currentBefore([gated()])).desks.get(TENANT)?.desk).toEqual(aDesk());
  });
});
