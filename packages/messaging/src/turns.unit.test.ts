import { setTimeout as sleep } from "node:timers/promises";
import { Turns } from "./turns.ts";

describe("turns", () => {
  it("are taken one after another under one name, and at once under several", async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string, ms: number) => async (): Promise<string> => {
      told.push(`${name} begins`);
      await sleep(ms);
      told.push(`${name} ends`);
      return name;
    };
    expect(
      await Promise.all([
        turns.take("a", work("first", 30)),
        turns.take("a", work("second", 0)),
        turns.take("b", work("other", 10)),
      ]),
    ).toEqual(["first", "second", "other"]);
    expect(told).toEqual(["first begins", "other begins", "other ends", "first ends", "second begins", "second ends"]);
  });
  it("go on after one that failed", async () => {
    const turns = new Turns();
    const failed = turns.take("a", () => Promise.reject(new Error("no")));
    const next = turns.take("a", () => Promise.resolve("yes"));
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });
});
