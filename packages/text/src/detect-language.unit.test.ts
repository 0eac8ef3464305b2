import { detectLanguage } from "./detect-language.ts";

describe("detectLanguage", () => {
  it.each([
    ["My VPN drops every ten minutes", "en"],
    ["Wo ist meine Bestellung?", "de"],
    ["Bonjour, je ne peux pas me connecter à mon compte", "fr"],
    ["No puedo entrar en mi cuenta", "es"],
    ["Il mio ordine non è arrivato", "it"],
    ["Mijn bestelling is niet aangekomen", "nl"],
    ["O meu pedido não chegou", "pt"],
    ["Не могу войти", "ru"],
    ["我的订单在哪里", "zh"],
  ])("of %j is %s", (text, language) => {
    const detected = detectLanguage(text);
    expect(detected.language).toBe(language);
    expect(detected.confidence).toBeGreaterThan(0);
    expect(detected.confidence).toBeLessThanOrEqual(1);
  });

  it.each([
    "",
    "ok",
    "hi",
    "printer jam",
    "ORD-10023 0x80070005",
    "https://example.com/where/is/my/order",
    "🙂🙂🙂🙂🙂🙂🙂🙂",
  ])("of %j is undetermined", (text) => {
    expect(detectLanguage(text)).toEqual({ language: "und", confidence: 0 });
  });

  it("does not take a link's words for the writer's", () => {
    expect(detectLanguage("Ich brauche Hilfe https://example.com/where/is/my/order/please/help").language).toBe("de");
  });
});
