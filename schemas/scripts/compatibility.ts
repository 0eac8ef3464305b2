import { breakingChanges } from "./breaking-changes.ts";
import type { EventSchema } from "./json-schema.ts";

/** Keywords that describe and do not decide: they may change without a new version. */
const NOTES = new Set(["$id", "$schema", "title", "description", "x-personal", "x-schemaversion"]);
const NAMED = new Set(["properties", "patternProperties", "$defs"]);

function withoutNotes(node: unknown, areNames = false): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutNotes(item));
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node)
    // A property may be called "title": then it is a name and not a note.
    .filter(([key]) => areNames || !NOTES.has(key))
    .map(([key, value]) => [key, withoutNotes(value, !areNames && NAMED.has(key))] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const differs = (before: EventSchema, after: EventSchema) =>
  JSON.stringify(withoutNotes(before)) !== JSON.stringify(withoutNotes(after));

const majorOf = (schema: EventSchema) => schema["x-schemaversion"].split(".")[0];

/** What is wrong between one present schema and one released version of it. */
function problemsBetween(released: EventSchema, current: EventSchema): readonly string[] {
  const name = `${current.title} ${released["x-schemaversion"]} → ${current["x-schemaversion"]}`;
  const breaking = breakingChanges(released, current);
  if (breaking.length > 0)
    return breaking.map(({ kind, path, message }) => `${name}: ${kind} at ${path || "/"}: ${message}`);
  if (released["x-schemaversion"] === current["x-schemaversion"] && differs(released, current))
    return [`${name}: changed since its release: raise the minor version in its contract`];
  return [];
}

/**
 * Compares every present schema with every released version of the same major. All of them, not just the last:
 * an event of any age may still lie in a kept topic.
 */
export function compatibilityProblems(
  released: readonly EventSchema[],
  current: readonly EventSchema[],
): readonly string[] {
  const byType = new Map(current.map((schema) => [schema.title, schema]));
  return released.flatMap((before) => {
    const after = byType.get(before.title);
    if (after === undefined) return [`${before.title}: removed, although ${before["x-schemaversion"]} is released`];
    return majorOf(before) === majorOf(after) ? problemsBetween(before, after) : [];
  });
}
