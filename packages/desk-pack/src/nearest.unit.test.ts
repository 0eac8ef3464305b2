import { describe, expect, it } from "@jest/globals";
import { didYouMean, nearest, quoted } from "./nearest.ts";

describe("nearest", () => {
  it("finds the word that was probably meant, in any case", () => {
    expect(nearest("catgory", ["template", "category"])).toBe("category");
    expect(nearest("Priya", ["ewan", "priya"])).toBe("priya");
  });

  it("finds none where nothing is close", () => {
    expect(nearest("zebra", ["category", "template"])).toBeUndefined();
    expect(didYouMean("x".repeat(10_000), ["x"])).toBe("");
  });

  it("shows a foreign word short and on one line", () => {
    expect(quoted(`a\n${"b".repeat(500)}`).length).toBeLessThan(100);
  });
});
