import type { Desk, Template } from "@opsdesk/schemas/desk";

export type TemplatesFound =
  | { readonly outcome: "found"; readonly templates: readonly Template[] }
  | { readonly outcome: "none"; readonly reason: "template_missing" | "language_unsupported" };

/** The approved templates of a category in the customer's language, or why there are none. */
export function templatesFor(desk: Desk, categoryId: string, language: string): TemplatesFound {
  const ofCategory = desk.templates.filter((template) => template.categoryId === categoryId);
  if (ofCategory.length === 0) return { outcome: "none", reason: "template_missing" };
  const templates = ofCategory.filter((template) => template.locale === language);
  return templates.length === 0 ? { outcome: "none", reason: "language_unsupported" } : { outcome: "found", templates };
}
