import { readConfig } from "./config.ts";

describe("readConfig", () => {
  it("waits five minutes where nothing is said", () => expect(readConfig({})).toEqual({ deadlineSeconds: 300 }));
  it("takes whole seconds", () =>
    expect(readConfig({ EVALUATION_DEADLINE_SECONDS: "60" })).toEqual({ deadlineSeconds: 60 }));
  it.each(["0", "-1", "1.5", "soon", "86401"])("refuses %s", (written) =>
    expect(() => readConfig({ EVALUATION_DEADLINE_SECONDS: written })).toThrow("whole number from 1 to 86400"),
  );
});
