import { factsIn } from "./addresses.ts";
import { occursIn } from "./occurs-in.ts";

describe("occursIn", () => {
  it.each([
    ["12", "1,200"],
    ["12", "12.5"],
    ["60", "within 600 seconds"],
    ["evil.example", "https://evil.example.org/x"],
    ["help@northgate.example", "otherhelp@northgate.example"],
    ["portal.example", "not-portal.example"],
    ["VPN-80", "Error VPN-809"],
  ])("does not find %s in %s", (value, text) => {
    expect(occursIn(value, [text])).toBe(false);
  });
  it.each([
    ["60", "Within 60 seconds."],
    ["vpn-809", "(VPN-809)"],
    ["+44 20 7946 0018", "call +44 20\n7946 0018, please"],
    ["portal.example", "https://portal.example."],
    ["OD-1025", "Reference OD-1025"],
  ])("finds %s in %s", (value, text) => {
    expect(occursIn(value, ["something else", text])).toBe(true);
  });
});

describe("factsIn", () => {
  it("finds hosts and mailboxes under endings that are on no public list", () => {
    const found = factsIn("Use vpn.corp.internal or write to help@desk.local, e.g. today.").map(({ value }) => value);
    expect(found).toEqual(expect.arrayContaining(["vpn.corp.internal", "help@desk.local"]));
    expect(found).not.toContain("e.g");
  });
});
