import { warmUp } from "./warm-up.ts";

describe("a store that is asked before a customer asks", () => {
  it("is asked until it answers, and no more", async () => {
    let asked = 0;
    const ask = (): Promise<number> => {
      asked += 1;
      return asked < 3 ? Promise.reject(new Error("away")) : Promise.resolve(asked);
    };
    await warmUp(ask, new AbortController().signal, 1);
    expect(asked).toBe(3);
  });

  it("is asked no more when the service ends", async () => {
    const stopping = new AbortController();
    let asked = 0;
    const warming = warmUp(
      () => {
        asked += 1;
        stopping.abort();
        return Promise.reject(new Error("away"));
      },
      stopping.signal,
      60_000,
    );
    await warming;
    expect(asked).toBe(1);
  });
});
