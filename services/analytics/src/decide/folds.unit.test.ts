import { describe, expect, it } from "@jest/globals";
import { checkProduced } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import type { Envelope } from "@opsdesk/schemas/envelope";
import { deskStream, seeded, shuffled } from "../testing/desk-stream.ts";
import { type AnyDocument, type AnyFold, collections, projectedTypes } from "./collections.ts";
import { eventDocument } from "./event-document.ts";
import { eventFields } from "./event-fields.ts";
import { fingerprint, isKnown, join } from "./fold.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");

/** Documents by collection and id, after any number of batches, each joined by itself first. */
function foldedIn(batches: readonly (readonly Envelope[])[]): ReadonlyMap<string, AnyFold> {
  const folds = new Map<string, AnyFold>();
  for (const batch of batches) {
    const inBatch = new Map<string, AnyFold>();
    for (const event of batch)
      for (const collection of collections)
        for (const part of collection.parts(event)) {
          const key = `${collection.name}/${collection.idOf(part.is ?? {})}`;
          const known = inBatch.get(key);
          inBatch.set(key, known === undefined ? part : join(known, part));
        }
    for (const [key, fold] of inBatch) folds.set(key, join(folds.get(key) ?? {}, fold));
  }
  return folds;
}

const documentsOf = (folds: ReadonlyMap<string, AnyFold>): Record<string, AnyDocument | undefined> =>
  Object.fromEntries(
    [...folds]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, fold]) => [key, collections.find(({ name }) => key.startsWith(`${name}/`))?.document(fold)]),
  );

function batched<T>(list: readonly T[], random: () => number): readonly (readonly T[])[] {
  const batches: T[][] = [[]];
  for (const one of list) {
    if (random() < 0.1) batches.push([]);
    batches.at(-1)?.push(one);
  }
  return batches;
}

describe("folds", () => {
  const { events, truth } = deskStream({ seed: 1, tickets: 30, now: NOW });
  const inOrder = documentsOf(foldedIn([events]));

  it("are made from events that their producers may write", () => {
    expect(events.flatMap((event) => checkProduced(event.type, event.data))).toEqual([]);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "come to the same documents in any order, in any batches and with repetitions (seed %i)",
    (seed) => {
      const random = seeded(seed);
      const again = shuffled([...events, ...events.filter(() => random() < 0.5)], random);
      expect(documentsOf(foldedIn(batched(again, random)))).toEqual(inOrder);
    },
  );

  it("survive being stored as JSON between two events", () => {
    const [first, second] = [events.slice(0, 100), events.slice(100)];
    const stored = foldedIn([first]);
    for (const [key, fold] of foldedIn([second])) {
      // What was written is what is read.
      const read = JSON.parse(JSON.stringify(stored.get(key) ?? {})) as AnyFold;
      (stored as Map<string, AnyFold>).set(key, join(read, fold));
    }
    expect(documentsOf(stored)).toEqual(inOrder);
  });

  it("change nothing when they are joined with themselves", () => {
    for (const fold of foldedIn([events]).values())
      expect(fingerprint(join(fold, fold))).toBe(fingerprint(join(fold, {})));
  });

  it("say of each ticket and draft what happened to it", () => {
    for (const one of truth) {
      expect(inOrder[`tickets/${one.tenant}:${one.ticketId}`]).toMatchObject({
        status: one.status,
        categoryId: one.category,
        priority: one.priority,
        reopenings: one.reopenings,
        firstReplySeconds: one.firstReplyAt === null ? null : (one.firstReplyAt - one.openedAt) / 1_000,
        closedAt: one.closedAt === null ? null : new Date(one.closedAt).toISOString(),
        costMicros: one.runs.reduce((sum, run) => sum + run.costMicros, 0),
        modelRuns: 3,
        customerMessages: one.customerMessageTimes.length,
      });
      expect(inOrder[`drafts/${one.tenant}:drf_${one.ticketId.slice("tkt_".length)}`]).toMatchObject({
        disposition: one.disposition,
        verdict: one.verdict,
        rules: one.rules,
        waitSeconds: one.waitSeconds,
      });
    }
  });
});

describe("documents", () => {
  it("have declared fields only, for every example of every event that is projected", () => {
    for (const type of projectedTypes)
      for (const { event } of validExamples(type)) {
        for (const collection of collections)
          for (const part of collection.parts(event))
            for (const name of Object.keys(collection.document(part)))
              expect(Object.keys(collection.fields)).toContain(name);
        for (const name of Object.keys(eventDocument(event, event.time)))
          expect(Object.keys(eventFields)).toContain(name);
      }
  });

  it("fill every declared field from some event", () => {
    const { events } = deskStream({ seed: 2, tickets: 60, now: NOW });
    const examples = projectedTypes.flatMap((type) => validExamples(type).map(({ event }) => event));
    const [changed] = validExamples("ticket.changed").map(({ event }) => event);
    const after = { assigneeId: "priya", mergedInto: "tkt_2" };
    const moved = { ...changed, data: { ...(changed?.data as object), before: {}, after } } as Envelope;
    const all = [...events, ...examples, moved];
    const filled = new Map<string, Set<string>>(collections.map(({ name }) => [name, new Set()]));
    // Whole documents for what is derived from several events, single ones for what a later event takes back.
    const documents = [...all.map((event) => [event]), all].flatMap((batch) =>
      Object.entries(documentsOf(foldedIn([batch]))),
    );
    for (const [key, document] of documents)
      for (const [name, value] of Object.entries(document ?? {}))
        if (isKnown(value)) filled.get(key.split("/")[0] ?? "")?.add(name);
    for (const { name, fields } of collections)
      expect([name, Object.keys(fields).filter((field) => filled.get(name)?.has(field) !== true)]).toEqual([name, []]);
    const named = new Set(
      all.flatMap((event) =>
        Object.entries(eventDocument(event, event.time)).flatMap(([name, value]) => (isKnown(value) ? [name] : [])),
      ),
    );
    expect(Object.keys(eventFields).filter((field) => !named.has(field))).toEqual([]);
  });

  it("have the time and the words of an event, and nothing else that a person wrote", () => {
    const [example] = validExamples("ticket.created");
    const text = JSON.stringify({ ...eventDocument(example?.event as Envelope, "x"), text: null });
    expect(text).not.toMatch(/Maya|northwind|Wi-Fi/);
  });
});
