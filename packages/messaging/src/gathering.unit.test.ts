import { describe, expect, it } from "@jest/globals";
import { Gathering } from "./gathering.ts";

/** Work that a test ends when it wants. */
function controlled(partsMax: number) {
  const pieces: (readonly string[])[] = [];
  const ends: PromiseWithResolvers<string>[] = [];
  const stopping = new AbortController();
  const gathering = new Gathering<string, string>(partsMax, stopping.signal, (parts) => {
    pieces.push(parts);
    const end = Promise.withResolvers<string>();
    ends.push(end);
    return end.promise;
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  return { gathering, pieces, ends, settled, stopping };
}

describe("a gathering", () => {
  it("begins at once where nothing is being done", () => {
    const { gathering, pieces } = controlled(10);
    void gathering.run(["a"]);
    expect(pieces).toEqual([["a"]]);
  });

  it("makes one piece of what came meanwhile, in the order in which it came, and tells each where its parts begin", async () => {
    const { gathering, pieces, ends, settled } = controlled(10);
    const first = gathering.run(["a"]);
    const second = gathering.run(["b", "c"]);
    const third = gathering.run(["d"]);
    ends[0]?.resolve("one");
    await settled();
    expect(pieces).toEqual([["a"], ["b", "c", "d"]]);
    ends[1]?.resolve("two");
    expect(await Promise.all([first, second, third])).toEqual([
      ["one", 0],
      ["two", 0],
      ["two", 2],
    ]);
  });

  it("adds no more to a piece than its bound, and keeps together what was handed over together", async () => {
    const { gathering, pieces, ends, settled } = controlled(3);
    for (const parts of [["a"], ["b", "c"], ["d", "e"], ["1", "2", "3", "4"], ["f"]]) void gathering.run(parts);
    for (let n = 0; n < 5; n += 1) {
      ends[n]?.resolve("");
      await settled();
    }
    expect(pieces).toEqual([["a"], ["b", "c"], ["d", "e"], ["1", "2", "3", "4"], ["f"]]);
  });

  it("gives a failure to all who are in the piece, and goes on with the next", async () => {
    const { gathering, pieces, ends, settled } = controlled(10);
    const first = gathering.run(["a"]);
    const failing = Promise.allSettled([gathering.run(["b"]), gathering.run(["c"])]);
    ends[0]?.resolve("");
    await first;
    await settled();
    ends[1]?.reject(new Error("down"));
    expect((await failing).map((one) => one.status)).toEqual(["rejected", "rejected"]);
    void gathering.run(["d"]);
    expect(pieces.at(-1)).toEqual(["d"]);
  });

  it("ends the piece in hand when its process stops, and begins none of those that wait", async () => {
    const { gathering, pieces, ends, stopping } = controlled(1);
    const first = gathering.run(["a"]);
    const others = [gathering.run(["b"]), gathering.run(["c"])];
    stopping.abort();
    ends[0]?.resolve("one");
    expect(await first).toEqual(["one", 0]);
    expect(await Promise.all([...others, gathering.run(["d"])])).toEqual([undefined, undefined, undefined]);
    expect(pieces).toEqual([["a"]]);
  });
});
