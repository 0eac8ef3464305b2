import { RecentWakes } from "./recent-wakes.ts";

const later = () => new Promise((resolve) => setTimeout(resolve, 2));

describe("recent wakes", () => {
  it("knows of a commit from its beginning until a moment after its end", async () => {
    const wakes = new RecentWakes();
    const before = performance.now();
    const commit = Promise.withResolvers<void>();
    expect(wakes.since("desk:a", before)).toBe(false);
    const committed = wakes.during(["desk:a"], () => commit.promise);
    await later();
    // What is loaded now may not hold yet what is being committed.
    const loadedAt = performance.now();
    expect(wakes.since("desk:a", loadedAt)).toBe(true);
    await later();
    commit.resolve();
    await committed;
    expect(wakes.since("desk:a", loadedAt)).toBe(true);
    expect(wakes.since("desk:b", loadedAt)).toBe(false);
    await later();
    expect(wakes.since("desk:a", performance.now())).toBe(false);
  });

  it("knows of the second of two commits when the first has ended, and of one that fails", async () => {
    const wakes = new RecentWakes();
    const second = Promise.withResolvers<void>();
    const failing = wakes.during(["desk:a"], () => second.promise);
    await wakes.during(["desk:a"], () => Promise.resolve());
    await later();
    const loadedAt = performance.now();
    expect(wakes.since("desk:a", loadedAt)).toBe(true);
    second.reject(new Error("the connection was lost, and with it the answer"));
    await expect(failing).rejects.toThrow("lost");
    expect(wakes.since("desk:a", loadedAt)).toBe(true);
  });
});
