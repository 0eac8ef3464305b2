/** Everything that can be wrong with a desk pack. Codes are stable: tools and people may rely on them. */
export const PROBLEM_CODES = [
  "auto_send_without_template",
  "category_unknown",
  "event_unknown",
  "example_conflict",
  "examples_missing",
  "examples_twice",
  "file_missing",
  "file_not_text",
  "file_too_large",
  "file_unknown",
  "front_matter_missing",
  "id_duplicate",
  "key_duplicate",
  "key_missing",
  "key_unknown",
  "key_unsafe",
  "pack_too_large",
  "path_unsafe",
  "person_unknown",
  "risk_unknown",
  "rule_unknown",
  "scenario_contradiction",
  "secret_in_file",
  "slot_invalid",
  "slot_malformed",
  "slot_undeclared",
  "slot_unused",
  "source_unknown",
  "team_unknown",
  "template_unknown",
  "text_unsafe",
  "time_order",
  "time_zone_unknown",
  "too_many_problems",
  "url_insecure",
  "url_invalid",
  "value_invalid",
  "value_not_allowed",
  "value_type",
  "yaml_alias",
  "yaml_syntax",
  "yaml_too_deep",
  "yaml_unsupported",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** `line` counts from 1; a problem of a whole file or of the pack is at line 1. `message` says what to do. */
export interface PackProblem {
  readonly file: string;
  readonly line: number;
  readonly code: ProblemCode;
  readonly message: string;
}

/** Enough to mend a pack in one go, few enough to answer a hostile one cheaply. */
const PROBLEMS_MAX = 500;

/** A message that takes work is given as a function: beyond the limit it is never made. */
export type Report = (file: string, line: number, code: ProblemCode, message: string | (() => string)) => void;

export interface ProblemList {
  readonly report: Report;
  /** In order of file and line. */
  readonly sorted: () => PackProblem[];
}

const byPlace = (a: PackProblem, b: PackProblem): number =>
  a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1;

export function problemList(): ProblemList {
  const found: PackProblem[] = [];
  let left = 0;
  return {
    report: (file, line, code, message) => {
      if (found.length >= PROBLEMS_MAX) left += 1;
      else found.push({ file, line, code, message: typeof message === "string" ? message : message() });
    },
    sorted: () => {
      const listed = found.toSorted(byPlace);
      if (left === 0) return listed;
      const message = `${left} further problems are not listed. Mend these first, then check again.`;
      return [...listed, { file: "desk.yaml", line: 1, code: "too_many_problems", message }];
    },
  };
}
