import { describe, expect, it } from "@jest/globals";
import { somePack, withFile } from "./pack.fixture.ts";
import { readDeskPack } from "./read-desk-pack.ts";

const codesOf = (files: ReadonlyMap<string, string>): string[] => {
  const result = readDeskPack(files);
  return "problems" in result ? result.problems.map(({ code }) => code) : [];
};

const laughs = Array.from({ length: 12 }, (_, i) => `k${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`)
  .join("\n")
  .replaceAll("*a-1", "lol");

const HOSTILE: readonly (readonly [string, string])[] = [
  ["a billion laughs", laughs],
  ["nesting beyond the stack, in brackets", "[".repeat(200_000)],
  ["nesting beyond the stack, in dashes", "- ".repeat(200_000)],
  ["nesting beyond the stack, in braces", "{a: ".repeat(100_000)],
  ["nesting beyond the stack, in keys", "? ".repeat(200_000)],
  ["a hundred thousand keys", Array.from({ length: 60_000 }, (_, i) => `k${i}:`).join("\n")],
  ["one key many times", "a:\n".repeat(100_000)],
  ["many documents", "---\na: 1\n".repeat(10_000)],
  ["tags", "a: !!js/function 'x'\nb: !!binary aGk=\nc: !!timestamp 2020-01-01"],
  ["an infinite number", "groundednessMin: .inf\nlinkHours: .nan\n"],
  ["a list where a map belongs", "- 1\n- 2\n"],
  ["nothing", ""],
  ["merge keys", "a: &a {b: 1}\nc:\n  <<: *a"],
  ["complex keys", "? [a, b]\n: 1\n? {c: d}\n: 2\n"],
  ["a directive", "%YAML 1.1\n---\nyes: no\n<<: {a: 1}\n"],
  ["broken quotes", '"'.repeat(20_000)],
  ["colons", ": ".repeat(100_000)],
];

describe("files from a stranger", () => {
  it.each(HOSTILE)("are refused, quickly and without an exception: %s", (_, text) => {
    const started = performance.now();
    expect(codesOf(withFile("policy.yaml", text))).not.toEqual([]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each(HOSTILE)("are refused in front matter too: %s", (_, text) => {
    expect(codesOf(withFile("templates/keys.md", `---\n${text}\n---\nHello`))).not.toEqual([]);
  });

  it("cannot reach a prototype", () => {
    const text = "__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }\n";
    expect(codesOf(withFile("policy.yaml", text))).toContain("key_unsafe");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    "/etc/passwd",
    "a\\b.yaml",
    "templates/../desk.yaml",
    "templates//a.md",
    "",
    "x".repeat(400),
    "templates/\u202Ea.md",
  ])("have paths inside the pack: %j is refused", (path) => {
    expect(codesOf(withFile(path, "x"))).toEqual(["path_unsafe"]);
  });

  it("may be no files at all", () => {
    expect(codesOf(new Map())).toEqual(["file_missing", "file_missing", "file_missing"]);
    // What a careless caller could pass for a map: keys and values that are not text.
    const odd = new Map<unknown, unknown>([
      [1, 2],
      [null, undefined],
      ["desk.yaml", { a: 1 }],
    ]) as unknown as Map<string, string>;
    expect(codesOf(odd)).toContain("file_not_text");
  });

  it("give at most 501 problems, with a count of the rest", () => {
    const result = readDeskPack(withFile("scenarios/keys.yaml", `scenarios:\n${"- { ids: x }\n".repeat(5_000)}`));
    expect("problems" in result && result.problems.length).toBe(501);
  });

  it("make the same pack with Windows line ends and a byte order mark", () => {
    const windows = new Map([...somePack()].map(([path, text]) => [path, `\uFEFF${text.replaceAll("\n", "\r\n")}`]));
    expect(readDeskPack(windows)).toEqual(readDeskPack(somePack()));
  });
});
