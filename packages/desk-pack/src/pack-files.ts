import type { TSchema } from "typebox";
import { checkSchema } from "./check-schema.ts";
import * as schemas from "./file-schemas.ts";
import type { FileRole, PackFile } from "./files.ts";
import { type Page, readPage } from "./front-matter.ts";
import type { Report } from "./problems.ts";
import { type Located, readYaml } from "./yaml.ts";
import { yamlBudget } from "./yaml-budget.ts";

/** The files of a pack as data. A role's list is short of the files that could not be read: `unread` names those roles. */
export interface ReadFiles {
  readonly yaml: (role: YamlRole) => readonly Located[];
  readonly pages: (role: PageRole) => readonly Page[];
  readonly unread: ReadonlySet<FileRole>;
}

type PageRole = "template" | "knowledge";
type YamlRole = Exclude<FileRole, PageRole>;

const SCHEMAS: Readonly<Record<FileRole, TSchema>> = {
  desk: schemas.DeskFile,
  categories: schemas.CategoriesFile,
  policy: schemas.PolicyFile,
  integrations: schemas.IntegrationsFile,
  examples: schemas.ExamplesFile,
  template: schemas.TemplateFront,
  knowledge: schemas.KnowledgeFront,
  scenarios: schemas.ScenariosFile,
};

export function readFiles(files: readonly PackFile[], report: Report): ReadFiles {
  const yaml = new Map<FileRole, Located[]>();
  const pages = new Map<FileRole, Page[]>();
  const unread = new Set<FileRole>();
  const budget = yamlBudget();
  for (const file of files) {
    const { role } = file;
    if (role === "template" || role === "knowledge") {
      const page = readPage(file, budget, report);
      if (page === undefined) unread.add(role);
      else pages.set(role, [...(pages.get(role) ?? []), page]);
      if (page !== undefined) checkSchema(SCHEMAS[role], page, report);
      continue;
    }
    const located = readYaml(file.path, file.text, 0, budget, report);
    if (located === undefined) unread.add(role);
    else yaml.set(role, [...(yaml.get(role) ?? []), located]);
    if (located !== undefined) checkSchema(SCHEMAS[role], located, report);
  }
  return { yaml: (role) => yaml.get(role) ?? [], pages: (role) => pages.get(role) ?? [], unread };
}
