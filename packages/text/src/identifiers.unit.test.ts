import { identifiersIn } from "./identifiers.ts";

const kindsOf = (text: string): string[] => identifiersIn(text).map(({ kind, value }) => `${kind} ${value}`);

describe("identifiersIn", () => {
  it.each([
    [
      "Order ORD-10023, order number 4471-AB, #5523, OD-1025",
      ["ORD-10023", "4471-AB", "#5523", "OD-1025"],
      "order-number",
    ],
    [
      "Error 691, 0x80070005, ERR_CONNECTION_RESET, AADSTS50076",
      ["691", "0x80070005", "ERR_CONNECTION_RESET", "AADSTS50076"],
      "error-code",
    ],
    ["HTTP 503 and E1234, Fehler 42", ["503", "E1234", "42"], "error-code"],
    ["LT-04512, PRN-ZRH-03 and C02XK1ABJG5H", ["LT-04512", "PRN-ZRH-03", "C02XK1ABJG5H"], "asset-tag"],
    ["a.b@example.com", ["a.b@example.com"], "email"],
    ["see https://portal.example.com/a?b=1.", ["https://portal.example.com/a?b=1"], "url"],
    ["or portal.example.com/reset", ["portal.example.com/reset"], "url"],
    [
      "€12.50, 12,50 €, USD 40, $1,200.00, 40 dollars",
      ["€12.50", "12,50 €", "USD 40", "$1,200.00", "40 dollars"],
      "amount",
    ],
    [
      "+41 44 123 45 67, (555) 010-1234, 555-0142, +14155550142",
      ["+41 44 123 45 67", "(555) 010-1234", "555-0142", "+14155550142"],
      "phone",
    ],
    [
      "on 2026-11-22 at 10:30, 3-5 days, 10.0.0.1, 1,200 and 50%",
      ["2026-11-22", "10:30", "3-5", "10.0.0.1", "1,200", "50"],
      "number",
    ],
  ])("finds in %j", (text, values, kind) => {
    expect(kindsOf(text)).toEqual(values.map((value) => `${kind} ${value}`));
  });

  it("claims each place once and leaves no digit unclaimed", () => {
    const text =
      "Ticket INC0012345: laptop LT-04512 (SN C02XK1ABJG5H) shows 0x80070005 since 2026-11-22, see http://a.example/1?x=2, call 044 123 45 67, 3 times, refund EUR 12,50 for ORD-7.";
    const found = identifiersIn(text);
    const uncovered = found.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
    expect(uncovered).not.toMatch(/\d/);
    found.forEach(({ value, start, end }, i) => {
      expect(text.slice(start, end)).toBe(value);
      expect(start).toBeGreaterThanOrEqual(found[i - 1]?.end ?? 0);
    });
  });

  it("finds none in plain words", () => {
    expect(kindsOf("The error comes back in order to annoy me, e.g. on Monday. Call me!")).toEqual([]);
  });

  it("stays fast on hostile input", () => {
    const startedAt = performance.now();
    for (const piece of ["1 ", "A-", "1-", "(1)", "order ", "a.", "E_", "9'"]) identifiersIn(piece.repeat(10_000));
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});
