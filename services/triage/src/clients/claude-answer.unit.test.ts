import { answerOf } from "./claude-answer.ts";

const saying = (text: string) => ({
  content: [{ type: "text", text }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});

describe("answerOf", () => {
  it("hands on what is no JSON as it is, unread", () => {
    expect(answerOf("claude-haiku-5-5", saying("Gladly!"), () => "read").output).toBe("Gladly!");
  });

  it("does not take a fault of ours for an answer that is no JSON", () => {
    const broken = (): never => {
      throw new SyntaxError("Invalid regular expression");
    };
    expect(() => answerOf("claude-haiku-5-5", saying("{}"), broken)).toThrow("Invalid regular expression");
  });
});
