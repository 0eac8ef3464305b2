import { describe, expect, it } from "@jest/globals";
import { type Files, somePack, withFile, withoutFile, withText } from "./pack.fixture.ts";
import { PROBLEM_CODES, type ProblemCode } from "./problems.ts";
import { readDeskPack } from "./read-desk-pack.ts";

type Planted = readonly [code: ProblemCode, file: string, line: number, files: () => Files];

const many = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

const twoCategories = `categories:
  - { id: locks, name: Locks, description: Locks., priority: low, examples: [a lock] }
  - { id: keys, name: Keys, description: Keys., priority: low, examplesFile: examples/keys.yaml }
`;

const PLANTED: readonly Planted[] = [
  ["auto_send_without_template", "policy.yaml", 1, () => withoutFile("templates/keys.md")],
  ["category_unknown", "templates/keys.md", 3, () => withText("templates/keys.md", "category: keys", "category: kyes")],
  ["category_unknown", "desk.yaml", 14, () => withText("desk.yaml", "  keys: ada", "  doors: ada")],
  [
    "category_unknown",
    "policy.yaml",
    1,
    () => withText("policy.yaml", "categories: [keys]", "categories: [keys, doors]"),
  ],
  [
    "category_unknown",
    "scenarios/keys.yaml",
    8,
    () => withText("scenarios/keys.yaml", "category: keys", "category: doors"),
  ],
  ["event_unknown", "integrations.yaml", 7, () => withText("integrations.yaml", "[reply.sent]", "[reply.send]")],
  [
    "example_conflict",
    "examples/keys.yaml",
    2,
    () => withFile("examples/keys.yaml", "- a key\n- A  lock\n").set("categories.yaml", twoCategories),
  ],
  [
    "examples_missing",
    "categories.yaml",
    2,
    () => withText("categories.yaml", "    examples: [I lost my key]\n    examplesFile: examples/keys.yaml\n", ""),
  ],
  ["examples_twice", "examples/keys.yaml", 3, () => withFile("examples/keys.yaml", "- a key\n- a lock\n- A  key\n")],
  ["file_missing", "policy.yaml", 1, () => withoutFile("policy.yaml")],
  ["file_missing", "categories.yaml", 11, () => withoutFile("examples/keys.yaml")],
  // A map from JSON may hold anything, whatever the types say.
  ["file_not_text", "desk.yaml", 1, () => withFile("desk.yaml", 7 as unknown as string)],
  ["file_too_large", "policy.yaml", 1, () => withFile("policy.yaml", "#".repeat(600_000))],
  ["file_unknown", "policys.yaml", 1, () => withFile("policys.yaml", "")],
  ["file_unknown", "examples/doors.yaml", 1, () => withFile("examples/doors.yaml", "- a door\n")],
  ["front_matter_missing", "templates/keys.md", 1, () => withFile("templates/keys.md", "Hello")],
  [
    "id_duplicate",
    "desk.yaml",
    12,
    () => withText("desk.yaml", "lead: ada", "  - { id: ada, name: Ada Two, role: viewer }\nlead: ada"),
  ],
  [
    "id_duplicate",
    "templates/other.md",
    2,
    () => withFile("templates/other.md", "---\nid: keys-answer\ncategory: keys\ntitle: Other\n---\nHello\n"),
  ],
  ["key_duplicate", "policy.yaml", 4, () => withText("policy.yaml", "evidenceMin: 1", "groundednessMin: 1")],
  ["key_missing", "desk.yaml", 1, () => withText("desk.yaml", "lead: ada\n", "")],
  ["key_missing", "templates/keys.md", 4, () => withFile("templates/keys.md", "---\nid: a\n---\n\n")],
  ["key_unknown", "policy.yaml", 3, () => withText("policy.yaml", "groundednessMin", "groundednesMin")],
  ["key_unsafe", "desk.yaml", 14, () => withText("desk.yaml", "  keys: ada", "  __proto__: ada")],
  ["pack_too_large", "desk.yaml", 1, () => new Map(Array.from({ length: 2_001 }, (_, i) => [`knowledge/${i}.md`, ""]))],
  ["path_unsafe", '"../policy.yaml"', 1, () => withFile("../policy.yaml", "")],
  ["person_unknown", "desk.yaml", 12, () => withText("desk.yaml", "lead: ada", "lead: eda")],
  ["person_unknown", "desk.yaml", 14, () => withText("desk.yaml", "  keys: ada", "  keys: bob")],
  ["person_unknown", "integrations.yaml", 4, () => withText("integrations.yaml", "owner: ada", "owner: bob")],
  ["risk_unknown", "policy.yaml", 2, () => withText("policy.yaml", "[urgent]\n", "[urgent, legal]\n")],
  [
    "rule_unknown",
    "scenarios/keys.yaml",
    10,
    () => withText("scenarios/keys.yaml", "auto_send_licensed", "auto_send_licenced"),
  ],
  [
    "rule_unknown",
    "scenarios/keys.yaml",
    10,
    () => withText("scenarios/keys.yaml", "auto_send_licensed", "risk:complaint"),
  ],
  [
    "scenario_contradiction",
    "scenarios/keys.yaml",
    6,
    () => withText("scenarios/keys.yaml", "auto_approved", "review_required"),
  ],
  [
    "scenario_contradiction",
    "scenarios/keys.yaml",
    6,
    () => withText("policy.yaml", "categories: [keys]", "categories: []"),
  ],
  [
    "secret_in_file",
    "integrations.yaml",
    5,
    () => withText("integrations.yaml", "contact: crm team", "signingSecret: hush"),
  ],
  [
    "secret_in_file",
    "integrations.yaml",
    5,
    () => withText("integrations.yaml", "crm team", "whsec_MDEyMzQ1Njc4OWFiY2RlZg=="),
  ],
  ["secret_in_file", "integrations.yaml", 3, () => withText("integrations.yaml", "https://crm", "https://me:hush@crm")],
  [
    "slot_invalid",
    "templates/keys.md",
    6,
    () => withText("templates/keys.md", "name, provenance: system", "name, provenance: model"),
  ],
  ["slot_invalid", "templates/keys.md", 7, () => withText("templates/keys.md", ", about: [spare key]", "")],
  ["slot_malformed", "templates/keys.md", 12, () => withText("templates/keys.md", "{{advice}}", "{{ advice }}")],
  [
    "slot_malformed",
    "templates/keys.md",
    12,
    () => withText("templates/keys.md", "{{advice}}", "{{advice}} and {{more"),
  ],
  [
    "slot_undeclared",
    "templates/keys.md",
    10,
    () => withText("templates/keys.md", "{{customer_name}}", "{{customer_name}} {{customer}}"),
  ],
  ["slot_unused", "templates/keys.md", 7, () => withText("templates/keys.md", "{{advice}}", "Goodbye")],
  ["source_unknown", "templates/keys.md", 8, () => withText("templates/keys.md", "[key-guide]", "[key-guides]")],
  ["source_unknown", "scenarios/keys.yaml", 11, () => withText("scenarios/keys.yaml", "[key-guide]", "[doors]")],
  ["team_unknown", "desk.yaml", 11, () => withText("desk.yaml", "team: front", "team: back")],
  ["template_unknown", "scenarios/keys.yaml", 9, () => withText("scenarios/keys.yaml", "keys-answer", "key-answer")],
  [
    "text_unsafe",
    "knowledge/doors/key-guide.md",
    11,
    () => withText("knowledge/doors/key-guide.md", "spare", "sp\0are"),
  ],
  ["text_unsafe", "desk.yaml", 3, () => withText("desk.yaml", "Corner Desk", '"Corner \\0 Desk"')],
  [
    "time_order",
    "knowledge/doors/key-guide.md",
    7,
    () => withText("knowledge/doors/key-guide.md", "2027-01-01", "2025-01-01"),
  ],
  ["time_zone_unknown", "desk.yaml", 5, () => withText("desk.yaml", "Europe/London", "Europe/Londen")],
  [
    "too_many_problems",
    "desk.yaml",
    1,
    () =>
      withFile(
        "examples/keys.yaml",
        many(600, () => "- same"),
      ),
  ],
  ["url_insecure", "integrations.yaml", 3, () => withText("integrations.yaml", "https:", "http:")],
  [
    "url_invalid",
    "integrations.yaml",
    3,
    () => withText("integrations.yaml", "https://crm.corner.example/hooks", "crm.corner.example"),
  ],
  ["value_invalid", "desk.yaml", 7, () => withText("desk.yaml", "firstNumber: 7", "firstNumber: 0")],
  ["value_invalid", "desk.yaml", 2, () => withText("desk.yaml", "id: corner-desk", "id: corner~eval")],
  [
    "value_invalid",
    "knowledge/doors/key-guide.md",
    6,
    () => withText("knowledge/doors/key-guide.md", "2026-01-01", "2026-02-30"),
  ],
  ["value_not_allowed", "desk.yaml", 11, () => withText("desk.yaml", "role: reviewer", "role: reviwer")],
  ["value_type", "policy.yaml", 3, () => withText("policy.yaml", "groundednessMin: 0.6", "groundednessMin: high")],
  [
    "yaml_alias",
    "desk.yaml",
    9,
    () => withText("desk.yaml", "{ id: front, name: Front }", "&front { id: front, name: Front }"),
  ],
  ["yaml_syntax", "policy.yaml", 2, () => withText("policy.yaml", "vetoRisks: [urgent]", "vetoRisks: a: b")],
  [
    "yaml_too_deep",
    "examples/keys.yaml",
    1,
    () => withFile("examples/keys.yaml", `- ${"[".repeat(40)}${"]".repeat(40)}`),
  ],
  ["yaml_unsupported", "policy.yaml", 5, () => withText("policy.yaml", "undoSeconds: 0", "undoSeconds: !!binary aGk=")],
];

const problemsOf = (files: Files) => {
  const result = readDeskPack(files);
  return "problems" in result ? result.problems : [];
};

describe("a planted error", () => {
  it("is planted in a pack that has none", () => {
    expect(problemsOf(somePack())).toEqual([]);
  });

  it.each(PLANTED)("%s is reported in %s at line %i", (code, file, line, files) => {
    expect(problemsOf(files())).toContainEqual({ file, line, code, message: expect.stringMatching(/\w.*[.?]/) });
  });

  it("exists for every code of the closed list", () => {
    expect(PROBLEM_CODES.filter((code) => !PLANTED.some(([planted]) => planted === code))).toEqual([]);
  });

  it("does not hide another: all are listed at once, in order of place", () => {
    const files = withText("desk.yaml", "lead: ada", "lead: eda").set("integrations.yaml", "endpoint: []\n");
    files.set("policy.yaml", (files.get("policy.yaml") ?? "").replace("linkHours: 48", "linkHours: 0"));
    expect(problemsOf(files).map(({ file, line, code }) => [file, line, code])).toEqual([
      ["desk.yaml", 12, "person_unknown"],
      ["integrations.yaml", 1, "key_missing"],
      ["integrations.yaml", 1, "key_unknown"],
      ["policy.yaml", 6, "value_invalid"],
    ]);
  });

  it("says what was probably meant", () => {
    const [problem] = problemsOf(withText("desk.yaml", "lead: ada", "lead: eda"));
    expect(problem?.message).toBe('No person "eda" exists. Did you mean "ada"? Declare it in people in desk.yaml.');
    const messages = problemsOf(withText("policy.yaml", "undoSeconds", "undoSecond")).map(({ message }) => message);
    expect(messages.join("\n")).toContain('"undoSecond" is not known here. Did you mean "undoSeconds"?');
  });

  it("never repeats a secret that it found", () => {
    const problems = problemsOf(withText("integrations.yaml", "crm team", "whsec_MDEyMzQ1Njc4OWFiY2RlZg=="));
    expect(JSON.stringify(problems)).not.toContain("MDEyMzQ1");
    expect(problems[0]?.message).toContain("OPSDESK_ENDPOINT_SECRET_<BUSINESS>__CRM");
  });
});
