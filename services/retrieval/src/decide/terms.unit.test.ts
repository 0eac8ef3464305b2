import { anyTermOf, searchedIdentifiers, termsOf, termVector } from "./terms.ts";

describe("terms", () => {
  it("writes stems with their places", () => {
    expect(termVector(termsOf("The printers print. Printer!", "en"))).toBe("'printer':1,3 'print':2");
  });

  it("quotes what would be syntax", () => {
    expect(termVector(["a'b", "c\\d"])).toBe("'a''b':1 'c\\\\d':2");
    expect(anyTermOf(["x' | !'y", "z", "z"])).toBe("'x'' | !''y' | 'z'");
  });

  it("keeps within what a lexeme can hold", () => {
    expect(termsOf("x".repeat(3_000), "en")).toEqual([]);
    expect(termVector(Array.from({ length: 1_000 }, () => "a")).split(",")).toHaveLength(255);
    expect(termVector([...Array.from({ length: 20_000 }, () => "a"), "b"])).toMatch(/'b':16383$/);
  });

  it("finds error codes, asset tags and order numbers in one form, once", () => {
    expect(
      searchedIdentifiers("Error 0x80070005 and 0X80070005 on lt-4471, order #10233, at 2 pm for $30").toSorted(),
    ).toEqual(["0X80070005", "10233", "LT-4471"]);
    expect(searchedIdentifiers("no codes here")).toEqual([]);
  });
});
