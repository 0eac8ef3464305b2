import { contentHash } from "@opsdesk/identity";
import type { Category, Desk, Scenario, Template } from "@opsdesk/schemas/desk";
import type {
  CategoriesFile,
  DeskFile,
  IntegrationsFile,
  KnowledgeFront,
  PolicyFile,
  ScenariosFile,
  TemplateFront,
} from "./file-schemas.ts";
import type { Page } from "./front-matter.ts";
import type { ReadFiles } from "./pack-files.ts";

/** The desk without its API keys, which are no business of a file. */
export type PackDesk = Omit<Desk, "apiKeys">;

export interface PackExample {
  readonly text: string;
  readonly categoryId: string;
}

export interface PackDocument {
  readonly sourceId: string;
  readonly title: string;
  readonly uri: string;
  readonly kind: KnowledgeFront["kind"];
  readonly product?: string;
  readonly site?: string;
  readonly locale: string;
  readonly audience: KnowledgeFront["audience"];
  /** RFC 3339. */
  readonly validFrom?: string;
  readonly validTo?: string;
  /** Markdown without its front matter. */
  readonly content: string;
}

/** From files without problems. Every `as` below rests on that: the value has passed its file's schema. */
export function buildPack(files: ReadFiles): { desk: PackDesk; examples: PackExample[]; documents: PackDocument[] } {
  const only = (role: "desk" | "categories" | "policy" | "integrations"): unknown => files.yaml(role)[0]?.value;
  const file = only("desk") as DeskFile;
  const { categories } = only("categories") as CategoriesFile;
  const { signals = [], ...policy } = only("policy") as PolicyFile;
  const { endpoints } = (only("integrations") ?? { endpoints: [] }) as IntegrationsFile;
  const language = file.business.locale.slice(0, 2);
  const desk: PackDesk = {
    business: { ...file.business, referencePrefix: file.reference.prefix, firstNumber: file.reference.firstNumber },
    ai: file.ai ?? { enabled: true },
    teams: file.teams,
    people: file.people.map(({ team, ...person }) => ({ ...person, ...(team === undefined ? {} : { teamId: team }) })),
    leadId: file.lead,
    responseTargets: file.responseTargets,
    signals,
    categories: categories.map((category) => toCategory(category, file)),
    templates: files.pages("template").map((page) => toTemplate(page, language)),
    policy,
    endpoints: endpoints.map(({ owner, team, ...endpoint }) => ({
      ...endpoint,
      ownerId: owner,
      ...(team === undefined ? {} : { teamId: team }),
    })),
    scenarios: files.yaml("scenarios").flatMap(({ value }) => (value as ScenariosFile).scenarios.map(toScenario)),
  };
  return {
    desk,
    examples: toExamples(categories, files),
    documents: files.pages("knowledge").map((page) => toDocument(page, language)),
  };
}

function toCategory(
  { id, name, description, priority, asks = [] }: CategoriesFile["categories"][number],
  desk: DeskFile,
): Category {
  return {
    id,
    name,
    description,
    ownerId: desk.owners?.[id] ?? desk.lead,
    priority,
    asks: asks.map(({ foundBy, ...ask }) => ({
      ...ask,
      foundBy: { phrases: foundBy.phrases ?? [], identifiers: foundBy.identifiers ?? [] },
    })),
  };
}

function toTemplate({ value, body }: Page, language: string): Template {
  const { id, category, title, locale = language, slots = [], grounds = [] } = value as TemplateFront;
  const template = {
    id,
    categoryId: category,
    title,
    locale,
    body,
    slots: slots.map(({ required = true, ...slot }) => ({ ...slot, required })),
    grounds,
  };
  return { ...template, version: contentHash(template) };
}

function toScenario({ id, title, kind, input, expect }: ScenariosFile["scenarios"][number]): Scenario {
  const { disposition, category, template, priority, rules = [], citations = [], facts = [], never = [] } = expect;
  return {
    id,
    title,
    kind,
    input,
    expect: {
      disposition,
      categoryId: category ?? null,
      templateId: template ?? null,
      ...(priority === undefined ? {} : { priority }),
      rules,
      citations,
      facts,
      never,
    },
  };
}

function toExamples(categories: CategoriesFile["categories"], files: ReadFiles): PackExample[] {
  const lists = new Map(files.yaml("examples").map(({ file, value }) => [file, value as string[]]));
  return categories.flatMap(({ id, examples = [], examplesFile = "" }) =>
    [...examples, ...(lists.get(examplesFile) ?? [])].map((text) => ({ text: text.trim(), categoryId: id })),
  );
}

const toTime = (moment: string): string => (moment.length === 10 ? `${moment}T00:00:00Z` : moment);

function toDocument({ file, value, body }: Page, language: string): PackDocument {
  const { id, validFrom, validTo, uri = file, locale = language, ...front } = value as KnowledgeFront;
  return {
    sourceId: id,
    ...front,
    uri,
    locale,
    ...(validFrom === undefined ? {} : { validFrom: toTime(validFrom) }),
    ...(validTo === undefined ? {} : { validTo: toTime(validTo) }),
    content: body,
  };
}
