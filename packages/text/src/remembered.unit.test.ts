import { describe, expect, it } from "@jest/globals";
import { remembered } from "./remembered.ts";

describe("remembered", () => {
  it("does the work once for a text that comes again", () => {
    const worked: string[] = [];
    const lengthOf = remembered((text) => {
      worked.push(text);
      return { length: text.length };
    });
    expect([lengthOf("abc"), lengthOf("de"), lengthOf("abc")]).toEqual([{ length: 3 }, { length: 2 }, { length: 3 }]);
    expect(worked).toEqual(["abc", "de"]);
  });

  it("keeps no text that is very long, and forgets the oldest when it holds much", () => {
    let works = 0;
    const answer = remembered(() => ({ works: (works += 1) }));
    const long = "x".repeat(30_000);
    answer(long);
    answer(long);
    expect(works).toBe(2);
    const first = answer("first");
    for (let n = 0; n < 300; n += 1) answer(`${n}${"y".repeat(10_000)}`);
    expect(answer("first")).not.toEqual(first);
  });
});
