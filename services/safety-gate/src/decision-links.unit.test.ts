import { createHmac } from "node:crypto";
import fc from "fast-check";
import { decisionLinks } from "./decision-links.ts";

const KEY = "a key of at least thirty-two characters";
const links = decisionLinks(KEY, "https://desk.example");
const EXPIRES = "2026-11-22T14:12:05.000Z";
const BEFORE = "2026-11-22T14:12:04.000Z";
const tokenOf = (reviewId: string, made = links): string =>
  new URL(made.url(reviewId, EXPIRES)).searchParams.get("token") ?? "";

describe("a decision link", () => {
  it("names the review and carries an HMAC-SHA256 that anyone with the key can check", () => {
    const expiry = Date.parse(EXPIRES) / 1_000;
    const signature = createHmac("sha256", KEY).update(`rev_1\n${expiry}`).digest("hex");
    expect(links.url("rev_1", EXPIRES)).toBe(`https://desk.example/v1/decisions/rev_1?token=${expiry}.${signature}`);
  });
  it("admits until it expires", () => {
    expect(links.admits("rev_1", tokenOf("rev_1"), BEFORE)).toBe(true);
    expect(links.admits("rev_1", tokenOf("rev_1"), EXPIRES)).toBe(false);
  });
  it("admits to no other review, and not under another key", () => {
    expect(links.admits("rev_2", tokenOf("rev_1"), BEFORE)).toBe(false);
    expect(links.admits("rev_1", tokenOf("rev_1", decisionLinks(`${KEY}!`, "https://desk.example")), BEFORE)).toBe(
      false,
    );
  });
  it("does not let its time be moved", () => {
    const token = tokenOf("rev_1").replace(/^\d+/, (expiry) => String(Number(expiry) + 3_600));
    expect(links.admits("rev_1", token, BEFORE)).toBe(false);
  });
  it("admits nothing but the token itself", () => {
    const token = tokenOf("rev_1");
    fc.assert(
      fc.property(fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (n, character) => {
        const at = n % token.length;
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        expect(links.admits("rev_1", changed, BEFORE)).toBe(changed === token);
      }),
    );
    for (const wrong of ["", ".", token.toUpperCase(), `${token} `, `${token}0`])
      expect(links.admits("rev_1", wrong, BEFORE)).toBe(false);
  });
});
