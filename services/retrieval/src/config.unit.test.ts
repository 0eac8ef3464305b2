import { readConfig } from "./config.ts";

describe("readConfig", () => {
  it("needs nothing", () => expect(readConfig({})).toEqual({ embeddings: "local" }));
  it("refuses an embeddings endpoint that it would not use", () =>
    expect(() => readConfig({ EMBEDDINGS_URL: "http://x.test" })).toThrow(/EMBEDDINGS_URL/));
});
