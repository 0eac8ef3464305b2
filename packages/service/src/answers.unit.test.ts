import { answers } from "./answers.ts";

describe("whether something answers", () => {
  it.each([
    ["in time", Promise.resolve(0), true],
    ["with an error", Promise.reject(new Error("away")), false],
    ["not at all", new Promise<never>(() => undefined), false],
  ])("%s", async (_, asked, expected) => {
    expect(await answers(asked, 20)).toBe(expected);
  });
});
