import { describe, expect, it } from "@jest/globals";
import { DeskBusy, DeskRefusal } from "./client.ts";
import { patiently } from "./patiently.ts";

function answering(...answers: readonly (string | Error)[]) {
  const waits: number[] = [];
  let asked = 0;
  const ask = (): Promise<string> => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? "";
    asked += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { waits, asked: () => asked, result: () => patiently(ask, (ms) => Promise.resolve(waits.push(ms))) };
}

describe("a busy desk", () => {
  it("is asked again after as long as it says", async () => {
    const busy = answering(new DeskBusy({}, "2"), new DeskBusy({}, null), "done");
    expect(await busy.result()).toBe("done");
    expect(busy.waits).toEqual([2_000, 500]);
  });

  it("is given up after eight tries", async () => {
    const busy = answering(new DeskBusy({ code: "unavailable" }, "0"));
    await expect(busy.result()).rejects.toMatchObject({ code: "unavailable" });
    expect(busy.asked()).toBe(8);
  });

  it("is not confused with one that refuses", async () => {
    const refusing = answering(new DeskRefusal(422, { code: "text_empty" }));
    await expect(refusing.result()).rejects.toMatchObject({ code: "text_empty" });
    expect(refusing.asked()).toBe(1);
  });
});
