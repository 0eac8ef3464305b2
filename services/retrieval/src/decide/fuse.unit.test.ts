import fc from "fast-check";
import { fuse, type Leg, type LegHit } from "./fuse.ts";
import { RETRIEVAL_V1 } from "./retrieval-policy.ts";

const NOW = "2026-11-20T09:00:00Z";
const context = { now: NOW, preferredSources: new Set<string>() };
const plain = {
  ...RETRIEVAL_V1,
  weights: { dense: 1, lexical: 1, identifier: 1 },
  decay: { share: 0, halfLifeDays: 365 },
};
const hit = (leg: Leg, chunkId: string, rank: number, more: Partial<LegHit> = {}): LegHit => ({
  leg,
  chunkId,
  rank,
  score: 1 / rank,
  sourceId: `src-${chunkId}`,
  kind: "faq",
  validFrom: NOW,
  ...more,
});

describe("fuse", () => {
  it("adds weight / (k + rank) over the legs", () => {
    const [first, second] = fuse(
      [hit("dense", "a", 1), hit("lexical", "a", 3), hit("lexical", "b", 1)],
      plain,
      context,
    );
    expect(first).toMatchObject({ chunkId: "a", score: 1 / 61 + 1 / 63 });
    expect(second).toMatchObject({ chunkId: "b", score: 1 / 61 });
    expect(first?.legs.map(({ leg }) => leg)).toEqual(["dense", "lexical"]);
  });

  it("looks at ranks only: what a leg's scores are measured in changes nothing", () => {
    const hits = [
      hit("dense", "a", 1, { score: 0.9 }),
      hit("lexical", "b", 1, { score: 0.0001 }),
      hit("dense", "b", 2, { score: 0.8 }),
    ];
    expect(fuse(hits, plain, context).map(({ chunkId }) => chunkId)).toEqual(["b", "a"]);
  });

  it("orders equal scores by chunk id and does not depend on the order of its input", () => {
    const legs = fc.constantFrom<Leg>("dense", "lexical", "identifier");
    const hits = fc.uniqueArray(fc.tuple(legs, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 })), {
      selector: ([leg, chunk]) => `${leg}${chunk}`,
    });
    fc.assert(
      fc.property(hits, (tuples) => {
        const list = tuples.map(([leg, chunk, rank]) => hit(leg, `c${chunk}`, rank));
        const ids = (order: readonly LegHit[]): string[] =>
          fuse(order, RETRIEVAL_V1, context).map(({ chunkId }) => chunkId);
        expect(ids(list.toReversed())).toEqual(ids(list));
      }),
      { seed: 5 },
    );
  });

  it("counts a chunk once a leg, at its better rank", () => {
    expect(fuse([hit("dense", "a", 4), hit("dense", "a", 2)], plain, context)[0]?.score).toBe(1 / 62);
  });

  it("leaves out a leg whose weight is 0", () => {
    const hits = [hit("dense", "a", 1), hit("lexical", "b", 9)];
    expect(
      fuse(hits, { ...plain, weights: { ...plain.weights, dense: 0 } }, context).map(({ chunkId }) => chunkId),
    ).toEqual(["b"]);
  });

  it("raises the grounds of the category's templates after fusion, and lets the old sink a little", () => {
    const hits = [hit("dense", "a", 1), hit("dense", "b", 2)];
    expect(fuse(hits, plain, { now: NOW, preferredSources: new Set(["src-b"]) })[0]?.chunkId).toBe("b");
    const aged = [hit("dense", "a", 1, { validFrom: "2010-01-01T00:00:00Z" }), hit("dense", "b", 2)];
    expect(fuse(aged, { ...plain, decay: { share: 0.1, halfLifeDays: 365 } }, context)[0]?.chunkId).toBe("b");
    expect(fuse(aged, plain, context)[0]?.chunkId).toBe("a");
  });

  it("does not take what becomes valid later for something better", () => {
    const [later] = fuse([hit("dense", "a", 1, { validFrom: "2030-01-01T00:00:00Z" })], RETRIEVAL_V1, context);
    const [now] = fuse([hit("dense", "a", 1)], RETRIEVAL_V1, context);
    expect(later?.score).toBe(now?.score);
  });
});
