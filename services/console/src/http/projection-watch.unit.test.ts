import { projectionWatch } from "./projection-watch.ts";

const never = (): AbortSignal => new AbortController().signal;

describe("the projection watch", () => {
  it("looks once for all who wait, and not at all when nobody does", async () => {
    let looks = 0;
    let position = 5;
    const twice = Promise.withResolvers<void>();
    const watch = projectionWatch((tenants) => {
      looks += 1;
      if (looks === 2) twice.resolve();
      return Promise.resolve(new Map(tenants.map((tenant) => [tenant, position])));
    }, 5);
    const waiting = Promise.all(Array.from({ length: 50 }, () => watch.moved("a", 5, never())));
    await twice.promise;
    position = 6;
    expect(new Set(await waiting)).toEqual(new Set([6]));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const settled = looks;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(looks).toBe(settled);
  });

  it("goes on after a look that failed", async () => {
    let looks = 0;
    const watch = projectionWatch(
      () => ((looks += 1) === 1 ? Promise.reject(new Error("away")) : Promise.resolve(new Map([["a", 1]]))),
      5,
    );
    expect(await watch.moved("a", 0, never())).toBe(1);
  });

  it("keeps tenants apart", async () => {
    const watch = projectionWatch(
      () =>
        Promise.resolve(
          new Map([
            ["a", 9],
            ["b", 1],
          ]),
        ),
      5,
    );
    expect(await watch.moved("b", 1, AbortSignal.timeout(30))).toBeUndefined();
    expect(await watch.moved("a", 1, never())).toBe(9);
  });

  it("lets everyone go when it closes or they give up", async () => {
    const watch = projectionWatch(() => Promise.resolve(new Map()), 5);
    const waiting = watch.moved("a", 0, never());
    const given = new AbortController();
    const givingUp = watch.moved("a", 0, given.signal);
    given.abort();
    expect(await givingUp).toBeUndefined();
    watch.close();
    expect(await waiting).toBeUndefined();
  });
});
