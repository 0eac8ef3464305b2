import { contractOf, contracts } from "@opsdesk/schemas";
import { didYouMean, quoted } from "./nearest.ts";
import type { FileRole } from "./files.ts";
import type { NameKind, Names } from "./names.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { ProblemCode, Report } from "./problems.ts";
import { isText, select } from "./select.ts";

interface Reference {
  readonly role: FileRole;
  readonly path: string;
  readonly to: NameKind;
  readonly code: ProblemCode;
  readonly declaredIn: string;
}

const person = { to: "person", code: "person_unknown", declaredIn: "people in desk.yaml" } as const;
const team = { to: "team", code: "team_unknown", declaredIn: "teams in desk.yaml" } as const;
const category = { to: "category", code: "category_unknown", declaredIn: "categories.yaml" } as const;
const source = { to: "source", code: "source_unknown", declaredIn: "the front matter of knowledge/**/*.md" } as const;
const template = {
  to: "template",
  code: "template_unknown",
  declaredIn: "the front matter of templates/*.md",
} as const;
const risk = { to: "risk", code: "risk_unknown", declaredIn: "signals in policy.yaml" } as const;

const REFERENCES: readonly Reference[] = [
  { role: "desk", path: "/lead", ...person },
  { role: "desk", path: "/people/*/team", ...team },
  { role: "desk", path: "/owners/*", ...person },
  { role: "template", path: "/category", ...category },
  { role: "template", path: "/grounds/*", ...source },
  { role: "policy", path: "/autoSend/categories/*", ...category },
  { role: "policy", path: "/vetoRisks/*", ...risk },
  { role: "scenarios", path: "/scenarios/*/expect/category", ...category },
  { role: "scenarios", path: "/scenarios/*/expect/template", ...template },
  { role: "scenarios", path: "/scenarios/*/expect/citations/*", ...source },
  { role: "integrations", path: "/endpoints/*/owner", ...person },
  { role: "integrations", path: "/endpoints/*/team", ...team },
];

/** Reports every name that nothing in the pack declares. */
export function checkReferences(files: ReadFiles, names: Names, report: Report): void {
  for (const { role, path, to, code, declaredIn } of REFERENCES) {
    const known = names(to);
    if (known === undefined) continue;
    const located = role === "template" || role === "knowledge" ? files.pages(role) : files.yaml(role);
    for (const { file, line, value } of located.flatMap((one) => select(one, path)).filter(isText)) {
      if (!known.has(value))
        report(
          file,
          line,
          code,
          () => `No ${to} ${quoted(value)} exists.${didYouMean(value, known)} Declare it in ${declaredIn}.`,
        );
    }
  }
  checkOwnedCategories(files, names, report);
  checkEvents(files, report);
}

/** The categories of `owners` are keys, which the table above does not reach. */
function checkOwnedCategories(files: ReadFiles, names: Names, report: Report): void {
  const known = names("category");
  if (known === undefined) return;
  for (const { file, line, key } of files.yaml("desk").flatMap((desk) => select(desk, "/owners/*"))) {
    if (!known.has(key))
      report(
        file,
        line,
        "category_unknown",
        () => `No category ${quoted(key)} exists.${didYouMean(key, known)} Declare it in categories.yaml.`,
      );
  }
}

function checkEvents(files: ReadFiles, report: Report): void {
  const types = contracts.map((contract) => contract.type);
  for (const { file, line, value } of files
    .yaml("integrations")
    .flatMap((one) => select(one, "/endpoints/*/events/*"))
    .filter(isText)) {
    if (contractOf(value) === undefined)
      report(file, line, "event_unknown", () => `${quoted(value)} is not an event.${didYouMean(value, types)}`);
  }
}
