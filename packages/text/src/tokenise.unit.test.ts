import { tokenise } from "./tokenise.ts";

describe("tokenise", () => {
  it.each([
    ["My VPN drops — again!", ["my", "vpn", "drops", "again"]],
    ["Straße Ünlü ÉCOLE", ["straße", "ünlü", "école"]],
    ["don’t DON'T 'quoted'", ["don't", "don't", "quoted"]],
    ["ｐｒｉｎｔｅｒ ﬁle", ["printer", "file"]],
    ["error 0x80070005", ["error", "0x80070005"]],
    ["打印机 坏了", ["打", "印", "机", "坏", "了"]],
    ["e\u0301cole", ["école"]],
    ["🙂 … ?!", []],
    ["", []],
  ])("of %j", (text, words) => {
    expect(tokenise(text)).toEqual(words);
  });
});
