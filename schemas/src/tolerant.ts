import type { TSchema } from "typebox";

/** Keywords that hold a map of names to schemas: its keys are names, not keywords. */
const MAPS = new Set(["properties", "patternProperties", "$defs"]);
/** Keywords that hold values, which are never schemas. */
const VALUES = new Set(["const", "enum", "default", "examples", "required"]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function openKeyword(key: string, value: unknown): unknown {
  if (VALUES.has(key)) return value;
  if (MAPS.has(key) && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, openSchema(schema)]));
  return openSchema(value);
}

function openSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(openSchema);
  if (!isObject(node)) return node;
  if (node["x-open"] === true) return { type: "string" };
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === "additionalProperties" && value === false))
      .map(([key, value]) => [key, openKeyword(key, value)]),
  );
}

/**
 * The reader of a producer's closed schema: unknown properties are ignored, and unknown members are accepted
 * where an enum is marked open, so that a consumer survives every later minor version.
 */
export const tolerant = <S extends TSchema>(schema: S): S =>
  // A schema is plain JSON; opening it keeps its shape, so it is still a schema of the same kind.
  openSchema(JSON.parse(JSON.stringify(schema))) as S;
