import { describe, expect, it } from "@jest/globals";
import { safe, told } from "./print.ts";

const ESCAPE = String.fromCodePoint(27);

describe("what strangers wrote", () => {
  it("cannot move the cursor, rename the window or turn the writing direction", () => {
    expect(safe(`a${ESCAPE}[2Jb${ESCAPE}]0;title${String.fromCodePoint(7)}c\u202Ed\re`)).toBe("a[2Jb]0;titlecde");
  });

  it("keeps colours, lines and every letter", () => {
    const text = `${ESCAPE}[31mrot${ESCAPE}[39m\tüñ漢🙂\n`;
    expect(safe(text)).toBe(text);
  });
});

describe("a problem", () => {
  it("is told by its file and line, or by its path", () => {
    expect(told({ file: "policy.yaml", line: 3, code: "risk_unknown", message: "No risk." })).toBe(
      "policy.yaml:3 risk_unknown No risk.",
    );
    expect(told({ path: "/text", message: "is missing" })).toBe("/text is missing");
  });
});
