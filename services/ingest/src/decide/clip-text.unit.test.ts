import { clipText, cut, isUnsafe, utf8Length } from "./clip-text.ts";

const bytes = (text: string) => new TextEncoder().encode(text).byteLength;

describe("clipText", () => {
  it("leaves what fits as it is", () => {
    expect(clipText("hello")).toEqual({ text: "hello", truncated: false });
    expect(clipText("a".repeat(65_536))).toMatchObject({ truncated: false });
  });

  it.each(["a", "ü", "€", "😀"])("cuts %s at 64 KiB of UTF-8 and never within a character", (character) => {
    const { text, truncated } = clipText(character.repeat(70_000));
    expect(truncated).toBe(true);
    expect(bytes(text)).toBeLessThanOrEqual(65_536);
    expect(bytes(text)).toBeGreaterThan(65_536 - 4);
    expect(text.isWellFormed()).toBe(true);
  });

  it("keeps an event below its limit where JSON makes a text longer", () => {
    expect(JSON.stringify(clipText("\u0001".repeat(60_000)).text).length).toBeLessThanOrEqual(131_074);
    expect(JSON.stringify(clipText('"'.repeat(65_536)).text).length).toBeLessThanOrEqual(131_074);
  });
});

describe("texts", () => {
  it("counts UTF-8 and cuts between code points", () => {
    expect(utf8Length("aü€😀")).toBe(bytes("aü€😀"));
    expect(cut("ab😀", 3)).toBe("ab");
    expect(cut("ab😀", 4)).toBe("ab😀");
  });

  it("knows what no store keeps", () => {
    expect(["a\0", "\ud800", "x\udc00y"].map(isUnsafe)).toEqual([true, true, true]);
    expect(isUnsafe("fine 😀")).toBe(false);
  });
});
