import { embed, EMBEDDING_DIMENSIONS, EMBEDDING_MODEL } from "./embed.ts";
import { hashText } from "./hash.ts";

const likeness = (a: string, b: string): number => {
  const [x, y] = [embed(a), embed(b)];
  return x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
};

describe("embed", () => {
  it("gives 384 numbers of length 1", () => {
    const vector = embed("My VPN drops every ten minutes");
    expect(vector).toHaveLength(EMBEDDING_DIMENSIONS);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it("has not changed under its model id: stored vectors stay comparable", () => {
    const vector = embed("Reset the password of the VPN account");
    expect(EMBEDDING_MODEL).toBe("local-hash-384-v1");
    expect(hashText([...vector].map((value) => value.toFixed(4)).join(" "))).toBe(523625945);
  });

  it("puts texts about one thing nearer than texts about another", () => {
    const question = "How can I reset my password?";
    const about = likeness(question, "To reset a password, open the portal and choose Forgotten password.");
    expect(about).toBeGreaterThan(likeness(question, "The printer on floor three is out of toner.") + 0.2);
  });

  it("sees through inflection and a misspelling", () => {
    expect(likeness("printers jamming", "printer jammed")).toBeGreaterThan(0.7);
    expect(likeness("pasword reset", "password reset")).toBeGreaterThan(0.4);
  });

  it("is all zero when nothing carries content", () => {
    for (const text of ["", "the and of", "?!"]) expect(embed(text).every((value) => value === 0)).toBe(true);
  });
});
