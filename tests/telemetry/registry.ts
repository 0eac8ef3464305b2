import { attributes, spans } from "@opsdesk/telemetry";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import type { ExportedSpan } from "./otlp-receiver.ts";

/** What a placeholder of a registered name stands for. */
const PLACES: Readonly<Record<string, string>> = {
  method: "(?:GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)",
  route: "/\\S*",
  topic: "[a-z_.]+\\.v\\d+",
  consumer: "[a-z-]+\\.(?:on|project)[a-z-]*(?:@\\d+)?",
  queue: "[a-z_]+\\.[a-z_]+",
  task: "[a-z]+",
  model: "[a-z0-9.-]+",
};

const patterns = spans.map((span) => ({
  span,
  pattern: new RegExp(
    `^${span.name.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, (_, place: string) => PLACES[place] ?? "$^")}$`,
  ),
}));

const CONVENTIONAL: ReadonlySet<unknown> = new Set(
  Object.entries(conventions).flatMap(([name, value]) => (name.startsWith("ATTR_") ? [value] : [])),
);

/** Attributes that claim to be conventional and are not. */
export const unconventional = (): readonly string[] =>
  Object.keys(attributes).filter((name) => !name.startsWith("opsdesk.") && !CONVENTIONAL.has(name));

export const isConventional = (name: string): boolean => CONVENTIONAL.has(name);

/** Why a span is not one of those that are registered, or undefined. */
export function problemOf(span: ExportedSpan): string | undefined {
  const found = patterns.find(({ span: known, pattern }) => known.kind === span.kind && pattern.test(span.name));
  if (found === undefined) return `${span.kind} ${span.name} is not registered`;
  const { always, sometimes } = found.span;
  const missing = always.filter((name) => span.attributes[name] === undefined || span.attributes[name] === "");
  const unknown = Object.keys(span.attributes).filter((name) => ![...always, ...sometimes].some((one) => one === name));
  if (missing.length === 0 && unknown.length === 0) return undefined;
  return `${span.kind} ${span.name}: misses ${missing.join(", ") || "nothing"}; has ${unknown.join(", ") || "nothing"} beside`;
}

/** Which registered spans these are. */
export const kindsSeen = (exported: readonly ExportedSpan[]): ReadonlySet<string> =>
  new Set(
    patterns.flatMap(({ span, pattern }) =>
      exported.some((one) => one.kind === span.kind && pattern.test(one.name)) ? [span.name] : [],
    ),
  );
