import { readFileSync } from "node:fs";

/** Codes that runs, problems and refusals carry, read where they are declared. */
const declared = (file: string, type: string): readonly string[] => {
  const [, list = ""] =
    new RegExp(`type ${type} =([^;]*);`).exec(readFileSync(new URL(file, import.meta.url), "utf8")) ?? [];
  return [...list.matchAll(/"([a-z_]+)"/g)].map(([, code = ""]) => code);
};

describe("failure-modes.md", () => {
  it("has a heading for every code that this service gives", () => {
    const page = readFileSync(new URL("../failure-modes.md", import.meta.url), "utf8");
    const headings = new Set([...page.matchAll(/^## ([a-z_]+)$/gm)].map(([, code]) => code));
    const codes = [
      ...declared("./decide/error-codes.ts", "EvaluationErrorCode"),
      ...declared("./decide/judge.ts", "ScenarioProblemCode"),
    ];
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !headings.has(code))).toEqual([]);
  });
});
