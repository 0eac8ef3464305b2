import fc from "fast-check";
import { checkProduced, contracts } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import type { Projected } from "./decide/projection.ts";
import { PROJECTIONS } from "./decide/projections.ts";
import { type Cells, mergeAll } from "./store/merging.ts";
import { reviewsTable } from "./store/reviews-table.ts";
import { storiesTable } from "./store/stories-table.ts";
import {
  LIFE,
  type Said,
  autoApproved,
  changed,
  created,
  envelopeOf,
  proposed,
  refused,
  required,
  retired,
  reviewed,
  timeOf,
  triaged,
} from "./testing/life.ts";

const projected = (said: Said): Projected => {
  const event = envelopeOf(said);
  const found = PROJECTIONS.find((one) => one.type === event.type);
  if (found === undefined) throw new Error(`no projection of ${event.type}`);
  return found.project(event);
};
/** Patches hold plain values only, which is what merging calls cells. */
const cells = (patches: readonly (object | undefined)[]): readonly Cells[] =>
  patches.filter((patch) => patch !== undefined) as Cells[];
const storyOf = (said: readonly Said[]): Cells | undefined =>
  mergeAll(storiesTable, cells(said.map((one) => projected(one).story)))[0];
const draftsOf = (said: readonly Said[]): readonly Cells[] =>
  mergeAll(reviewsTable, cells(said.map((one) => projected(one).draft))).toSorted((a, b) =>
    String(a["draftId"]) < String(b["draftId"]) ? -1 : 1,
  );
const said = (row: Cells | undefined): Cells =>
  Object.fromEntries(
    Object.entries(row ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== 0),
  );

describe("the projections", () => {
  it("are one for each event that names the console as its consumer, and no other", () => {
    const consumed = contracts
      .filter((contract) => (contract.consumers as readonly string[]).includes("console"))
      .map(({ type }) => type);
    expect(PROJECTIONS.map(({ type }) => type).toSorted()).toEqual(consumed.toSorted());
  });

  it.each(PROJECTIONS.map((projection) => [projection.type, projection] as const))(
    "of %s takes every example and says only what it declares",
    (type, projection) => {
      const examples = validExamples(type);
      expect(examples.length).toBeGreaterThan(0);
      for (const { event } of examples) {
        const { draft, event: row, story } = projection.project(event);
        expect(row).toMatchObject({ tenant: event.tenantid, eventId: event.id, type, occurredAt: event.time });
        expect(JSON.parse(row.body)).toMatchObject({ id: event.id, idempotencykey: event.idempotencykey });
        expect(
          Object.keys(story ?? {})
            .filter((name) => name !== "tenant" && name !== "ticketId")
            .every((name) => (projection.story as readonly string[]).includes(name)),
        ).toBe(true);
        expect(
          Object.keys(draft ?? {})
            .filter((name) => !["tenant", "ticketId", "draftId"].includes(name))
            .every((name) => (projection.draft as readonly string[]).includes(name)),
        ).toBe(true);
      }
      // A stamped value without its stamp would never be written.
      for (const [table, fields] of [
        [storiesTable, projection.story],
        [reviewsTable, projection.draft],
      ] as const)
        for (const field of fields) {
          const rule = table.columns[field]?.rule;
          expect(rule).toBeDefined();
          if (typeof rule === "object") expect(fields as readonly string[]).toContain(rule.stamp);
        }
    },
  );

  it("come to the same rows from any order of a ticket's events", () => {
    for (const one of LIFE) expect([one.type, checkProduced(one.type, one.data)]).toEqual([one.type, []]);
    const [story, drafts] = [said(storyOf(LIFE)), draftsOf(LIFE).map(said)];
    fc.assert(
      fc.property(fc.shuffledSubarray([...LIFE], { minLength: LIFE.length }), (order) => {
        expect(said(storyOf(order))).toEqual(story);
        expect(draftsOf(order).map(said)).toEqual(drafts);
      }),
      { numRuns: 300 },
    );
  });

  it("come to the same rows however the events are cut into batches", () => {
    const whole = said(storyOf(LIFE));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LIFE.length - 1 }), (cut) => {
        const halves = [storyOf(LIFE.slice(0, cut)), storyOf(LIFE.slice(cut))].filter((half) => half !== undefined);
        expect(said(mergeAll(storiesTable, halves)[0])).toEqual(whole);
      }),
    );
  });

  it("tell a whole life", () => {
    expect(storyOf(LIFE)).toMatchObject({
      reference: "OD-1025",
      referenceNumber: 1025,
      customerName: "Maya Lindqvist",
      status: "resolved",
      priority: "high",
      categoryId: "network",
      ownerId: "priya",
      assigneeId: "priya",
      responseDueAt: timeOf(300),
      aggregateVersion: 6,
      conversationVersion: 3,
      messages: 3,
      runs: 7,
      costMicros: 49,
      deliveries: 2,
      openedAt: timeOf(0),
      triagedAt: timeOf(1),
      gatedAt: timeOf(5),
      decidedAt: timeOf(15),
      repliedAt: timeOf(17),
      contactedAt: timeOf(20),
      closedAt: timeOf(22),
      lastActivityAt: timeOf(22),
    });
  });
});

describe("a ticket's fields", () => {
  it("keep what a person has set against any triage, earlier or later", () => {
    const person = changed(2, 3, "priority", { priority: "low" });
    expect(storyOf([created, person, triaged(9, 9)])).toMatchObject({ priority: "low", categoryId: "network" });
    expect(storyOf([triaged(9, 9), created, person])).toMatchObject({ priority: "low" });
  });

  it("are not set back by an older change that arrives late", () => {
    expect(
      storyOf([changed(5, 5, "closed", { status: "closed" }), changed(4, 4, "reopened", { status: "open" })]),
    ).toMatchObject({ status: "closed" });
  });

  it("can be emptied by a newer change", () => {
    expect(
      storyOf([changed(5, 5, "assigned", { assigneeId: null }), changed(4, 4, "assigned", { assigneeId: "priya" })]),
    ).toMatchObject({ assigneeId: null });
  });

  it("stay as they are when triage came to nothing", () => {
    const abstained = { ...triaged(1, 1), data: { ...triaged(1, 1).data, outcome: "abstained", categoryId: null } };
    expect(storyOf([created, abstained])).toMatchObject({ priority: "normal", runs: 1 });
    expect(storyOf([created, abstained])?.["categoryId"] ?? null).toBeNull();
  });
});

describe("a draft's row", () => {
  it("is retired although its review arrives after the retirement", () => {
    const [row] = draftsOf([retired(1, 8), required(1, 5), proposed(1, 4)]);
    expect(row).toMatchObject({
      reviewId: expect.stringMatching(/^rev_/),
      retiredReason: "newer_message",
      retiredAt: timeOf(8),
      conversationVersion: 1,
    });
  });

  it("keeps the first of two retirements, whichever is heard first", () => {
    const both = [retired(1, 8), retired(1, 9, "apply_refused")];
    expect(draftsOf(both)[0]).toMatchObject({ retiredReason: "newer_message" });
    expect(draftsOf(both.toReversed())[0]).toMatchObject({ retiredReason: "newer_message" });
  });

  it("keeps the first of two decisions", () => {
    expect(draftsOf([reviewed(1, 9, "rejected", "dec_2"), reviewed(1, 7)])[0]).toMatchObject({
      decision: "approved",
      decisionId: "dec_1",
    });
  });

  it("is no review when the gate approved it by itself", () => {
    expect(draftsOf([autoApproved(1, 5), proposed(1, 4)])[0]).toMatchObject({ autoApprovedAt: timeOf(5) });
    expect(draftsOf([autoApproved(1, 5), proposed(1, 4)])[0]?.["reviewId"] ?? null).toBeNull();
  });

  it("is left alone by a refused decision", () => {
    expect(projected(refused(1, 6, "dec_9")).draft).toBeUndefined();
  });
});

describe("what is kept of an event", () => {
  it("leaves out the decision link, which decides for whoever holds it", () => {
    expect(projected(required(1, 5)).event.body).not.toContain("secret-link");
    expect(projected(required(1, 5)).event.body).toContain("decisionUrlExpiresAt");
  });

  it("leaves out the desk, with its people and key fingerprints", () => {
    const inline = validExamples("desk.configured").filter(({ event }) => "desk" in (event.data as object));
    expect(inline.length).toBeGreaterThan(0);
    for (const { event } of inline) {
      const body = PROJECTIONS.find(({ type }) => type === "desk.configured")?.project(event).event.body ?? "";
      expect(JSON.parse(body)).toHaveProperty("data.version");
      expect(body).not.toMatch(/apiKeys|people|sha256/);
    }
  });
});
