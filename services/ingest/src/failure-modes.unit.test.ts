import { readFileSync } from "node:fs";
import { CODES } from "./decide/codes.ts";

const page = readFileSync(new URL("../failure-modes.md", import.meta.url), "utf8");
const headings = [...page.matchAll(/^## (\S+)$/gm)].map((match) => match[1]);

describe("failure-modes.md", () => {
  it("has one heading for every code, and for nothing else", () => {
    expect(new Set(headings)).toEqual(new Set(CODES));
    expect(headings).toHaveLength(CODES.length);
  });
});
