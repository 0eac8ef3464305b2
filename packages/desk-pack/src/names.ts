import type { FileRole } from "./files.ts";
import { quoted } from "./nearest.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { Report } from "./problems.ts";
import { isText, select } from "./select.ts";

/** What a pack gives a name to, and where. */
export type NameKind =
  | "team"
  | "person"
  | "category"
  | "question"
  | "signal"
  | "risk"
  | "template"
  | "slot"
  | "source"
  | "scenario"
  | "endpoint";

interface Declaration {
  readonly kind: NameKind;
  readonly role: FileRole;
  readonly path: string;
  /** `pack`: once in the whole pack. `parent`: once in its list. `shared`: several may share it. */
  readonly once: "pack" | "parent" | "shared";
}

const DECLARATIONS: readonly Declaration[] = [
  { kind: "team", role: "desk", path: "/teams/*/id", once: "pack" },
  { kind: "person", role: "desk", path: "/people/*/id", once: "pack" },
  { kind: "category", role: "categories", path: "/categories/*/id", once: "pack" },
  { kind: "question", role: "categories", path: "/categories/*/asks/*/id", once: "parent" },
  { kind: "signal", role: "policy", path: "/signals/*/id", once: "pack" },
  { kind: "risk", role: "policy", path: "/signals/*/risk", once: "shared" },
  { kind: "template", role: "template", path: "/id", once: "pack" },
  { kind: "slot", role: "template", path: "/slots/*/name", once: "parent" },
  { kind: "source", role: "knowledge", path: "/id", once: "pack" },
  { kind: "scenario", role: "scenarios", path: "/scenarios/*/id", once: "pack" },
  { kind: "endpoint", role: "integrations", path: "/endpoints/*/name", once: "pack" },
];

/** Risks that services see by themselves, whatever signals a pack has: many tickets that are one incident. */
const BUILT_IN: Readonly<Partial<Record<NameKind, readonly string[]>>> = { risk: ["incident_storm"] };

/** Without such a file nothing can be known of its names, and its absence is reported already. */
const SINGLE_FILES: ReadonlySet<FileRole> = new Set(["desk", "categories", "policy"]);

/** The names of a kind, or undefined where a file that could declare more was not readable: then nothing is unknown. */
export type Names = (kind: NameKind) => ReadonlySet<string> | undefined;

const locatedOf = (files: ReadFiles, role: FileRole) =>
  role === "template" || role === "knowledge" ? files.pages(role) : files.yaml(role);

export function collectNames(files: ReadFiles, report: Report): Names {
  const names = new Map<NameKind, ReadonlySet<string>>();
  for (const { kind, role, path, once } of DECLARATIONS) {
    const seen = new Map<string, string>();
    const declared = new Set(BUILT_IN[kind]);
    for (const { file, line, pointer, value } of locatedOf(files, role)
      .flatMap((located) => select(located, path))
      .filter(isText)) {
      declared.add(value);
      if (once === "shared") continue;
      const scope = once === "pack" ? value : `${file}${pointer.split("/").slice(0, -2).join("/")} ${value}`;
      const first = seen.get(scope);
      if (first === undefined) seen.set(scope, `${file}:${line}`);
      else
        report(
          file,
          line,
          "id_duplicate",
          `The ${kind} ${quoted(value)} exists already at ${first}. Give one of them another id.`,
        );
    }
    const isMissing = SINGLE_FILES.has(role) && locatedOf(files, role).length === 0;
    if (!files.unread.has(role) && !isMissing) names.set(kind, declared);
  }
  return (kind) => names.get(kind);
}
