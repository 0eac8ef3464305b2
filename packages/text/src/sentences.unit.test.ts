import { sentencesOf } from "./sentences.ts";

const textsOf = (text: string, language?: string): string[] => sentencesOf(text, language).map((s) => s.text);

describe("sentencesOf", () => {
  it("splits at the end of a sentence, not at a number's point or an abbreviation", () => {
    expect(textsOf("It costs 3.50 EUR. Ask Mr. Smith, e.g. Monday. Done?")).toEqual([
      "It costs 3.50 EUR.",
      "Ask Mr. Smith, e.g. Monday.",
      "Done?",
    ]);
  });

  it("goes on over a wrapped line and stops at an empty one and at a list item", () => {
    expect(textsOf("This line\nis wrapped.\n\nSteps\n- first\n- second\n1. third")).toEqual([
      "This line\nis wrapped.",
      "Steps",
      "- first",
      "- second",
      "1. third",
    ]);
  });

  it("gives offsets that cut the sentence out of the text", () => {
    const text = "  Hello there.\r\n\r\n  How are you? 🙂 Fine.\n";
    const sentences = sentencesOf(text);
    expect(sentences.length).toBeGreaterThanOrEqual(3);
    for (const { text: sentence, start, end } of sentences) expect(text.slice(start, end)).toBe(sentence);
  });

  it("loses nothing when a text ends in an abbreviation", () => {
    expect(textsOf("Bring mouse, keyboard, etc.")).toEqual(["Bring mouse, keyboard, etc."]);
  });

  it("splits scripts with their own full stop", () => {
    expect(textsOf("我的订单在哪里？请帮助我。", "zh")).toEqual(["我的订单在哪里？", "请帮助我。"]);
  });

  it("finds none in an empty text", () => {
    expect(sentencesOf(" \n\n ")).toEqual([]);
  });
});
