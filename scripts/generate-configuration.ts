/**
 * Writes docs/configuration.md from scripts/configuration/settings.ts; `--check` fails when it is out of date. Either
 * way the list is held against the sources: every variable that they name is listed, every listed one is named, and
 * each service reads its default as if it were unset.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { everyService } from "../apps/opsdesk/src/up/services.ts";
import { type Group, groups, type Setting } from "./configuration/settings.ts";

const root = new URL("../", import.meta.url);
const services = await everyService();
const PAGE = new URL("docs/configuration.md", root);
/** Quoted, or the key of a destructured environment. */
const NAMED =
  /["'`]([A-Z][A-Z0-9]*(?:_[A-Z0-9]*)*)["'`]|^\s+([A-Z][A-Z0-9_]{3,}): [a-z]|[{,] ([A-Z][A-Z0-9_]{3,}): [a-z]/gm;
/** What is shorter is no setting; errors and signals of the system look like one. */
const SHORTEST = 4;
const SYSTEM = /^(E|SIG)[A-Z]+$/;

/** Whatever a service cannot start without. */
const NEEDED = {
  OPENSEARCH_URL: "http://127.0.0.1:9200",
  OPSDESK_LINK_KEY: "k".repeat(32),
  OPSDESK_SECRETS_KEY: "k".repeat(32),
};

function namedIn(sources: readonly string[]): ReadonlySet<string> {
  const found = sources.flatMap((source) => {
    const text = readFileSync(new URL(source, root), "utf8");
    return [...text.matchAll(NAMED)].map(([, quoted, key, next]) => quoted ?? key ?? next ?? "");
  });
  return new Set(found.filter((name) => name.length >= SHORTEST && !SYSTEM.test(name)));
}

function sourceProblems(group: Group): readonly string[] {
  const named = namedIn(group.sources);
  const listed = new Set(group.settings.map((setting) => setting.name));
  const elsewhere = new Set(groups.flatMap((other) => other.settings.map((setting) => setting.name)));
  return [
    ...[...named]
      // A service's own file names nothing but what it reads; the process also hands settings on to others.
      .filter((name) => !listed.has(name) && (group.service !== undefined || !elsewhere.has(name)))
      .map((name) => `${group.title}: ${name} is read and not in scripts/configuration/settings.ts`),
    ...[...listed]
      .filter((name) => !named.has(name))
      .map((name) => `${group.title}: ${name} is listed and nothing reads it`),
  ];
}

function defaultProblems(group: Group): readonly string[] {
  const definition = services.find((service) => service.name === group.service);
  if (definition === undefined) return group.service === undefined ? [] : [`${group.title}: there is no such service`];
  const unset = definition.configure(NEEDED);
  return group.settings.flatMap(({ name, default: value }) =>
    value === undefined || isDeepStrictEqual(configured(definition, name, value), unset)
      ? []
      : [`${group.title}: ${name} is not ${value} when it is unset`],
  );
}

/** Undefined where the service refuses the value. */
function configured(definition: (typeof services)[number], name: string, value: string): unknown {
  try {
    return definition.configure({ ...NEEDED, [name]: value });
  } catch {
    return undefined;
  }
}

const row = ({ name, default: value, meaning }: Setting): string =>
  `| \`${name}\` | ${value === undefined ? "" : `\`${value}\``} | ${meaning} |`;

const section = ({ title, about, settings }: Group): string =>
  [
    `## ${title}`,
    ...(about === "" ? [] : [about]),
    ["| setting | default | meaning |", "| --- | --- | --- |", ...settings.map(row)].join("\n"),
  ].join("\n\n");

const page = `# Configuration

Environment variables. Every process reads them once, at its start, and lists all that is wrong at once. A business's
own choices (categories, templates, policy, people) are not here: they are its desk pack, in \`desks/\`.

This page is written by \`node scripts/generate-configuration.ts\`.

${groups.map(section).join("\n\n")}
`;

const missing = services.filter((service) => !groups.some((group) => group.service === service.name));
const problems = [
  ...groups.flatMap((group) => [...sourceProblems(group), ...defaultProblems(group)]),
  ...missing.map((service) => `${service.name}: its settings are not listed`),
];
if (process.argv.includes("--check")) {
  if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page)
    problems.push("docs/configuration.md is out of date: run node scripts/generate-configuration.ts");
} else writeFileSync(PAGE, page);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
