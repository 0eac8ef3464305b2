import { contentTokens } from "./content-tokens.ts";

describe("contentTokens", () => {
  it("drops stop words and brings forms of a word together", () => {
    expect(contentTokens("We are resetting the customers' passwords")).toEqual(["reset", "custom", "password"]);
    expect(contentTokens("A customer's password was reset")).toEqual(["custom", "password", "reset"]);
  });

  it("keeps negations, however they are written: they turn an answer round", () => {
    expect(contentTokens("It can be refunded")).toEqual(["refund"]);
    for (const text of ["It cannot be refunded", "It can't be refunded", "It can not be refunded"]) {
      expect(contentTokens(text)).toEqual(["not", "refund"]);
    }
    expect(contentTokens("Das ist nicht möglich", "de")).toContain("nicht");
    expect(contentTokens("Ce n'est pas possible", "fr")).toContain("pas");
  });

  it("leaves codes and numbers as they are", () => {
    expect(contentTokens("errors 0x80070005 at 1200")).toEqual(["error", "0x80070005", "1200"]);
  });

  it.each([
    ["de", "Die Rechnungen sind angekommen", "Eine Rechnung ist angekommen"],
    ["fr", "L'ordinateur", "Des ordinateurs"],
    ["es", "Las facturas", "La factura"],
    ["it", "Gli ordini", "L'ordine"],
    ["nl", "De bestellingen", "Een bestelling"],
    ["pt", "Os pedidos", "O pedido"],
  ])("knows %s", (language, one, other) => {
    const stems = contentTokens(one, language);
    expect(stems.length).toBeGreaterThan(0);
    expect(stems).toEqual(contentTokens(other, language));
  });

  it("keeps every word of a language that it does not know", () => {
    expect(contentTokens("the Cats sat", "xx")).toEqual(["the", "cats", "sat"]);
    expect(contentTokens("the Cats sat", "constructor")).toEqual(["the", "cats", "sat"]);
  });
});
