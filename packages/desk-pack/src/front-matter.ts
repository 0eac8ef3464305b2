import type { PackFile } from "./files.ts";
import type { Report } from "./problems.ts";
import { type Located, readYaml } from "./yaml.ts";
import type { YamlBudget } from "./yaml-budget.ts";

export interface Page extends Located {
  /** The Markdown after the front matter, without white space around it. */
  readonly body: string;
  /** The line on which `body` starts. */
  readonly bodyLine: number;
}

const FRONT_MATTER = /^---[ \t]*\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/;

/** A Markdown file with YAML between two lines of `---` at its top. */
export function readPage({ path, text }: PackFile, budget: YamlBudget, report: Report): Page | undefined {
  const found = FRONT_MATTER.exec(text);
  if (found === null) {
    report(path, 1, "front_matter_missing", 'The file must start with "---", its metadata as YAML, and "---" again.');
    return undefined;
  }
  const located = readYaml(path, found[1] ?? "", 1, budget, report);
  if (located === undefined) return undefined;
  const rest = text.slice(found[0].length);
  const body = rest.trim();
  const bodyLine = text.slice(0, found[0].length + rest.indexOf(body)).split("\n").length;
  if (body === "") {
    report(
      path,
      bodyLine,
      "key_missing",
      'There is no text after the front matter. Write the page below the second "---".',
    );
    return undefined;
  }
  return { ...located, body, bodyLine };
}
