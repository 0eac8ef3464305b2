import type { EventSchema } from "./json-schema.ts";

/** A place whose content identifies a person or was written by one. `*` stands for each item of a list. */
type Pointer = string;

function pointersIn(node: unknown, at: Pointer, found: Set<Pointer>): void {
  if (typeof node !== "object" || node === null) return;
  const schema = node as Readonly<Record<string, unknown>>;
  if (schema["x-personal"] === true) {
    found.add(at);
    return;
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) pointersIn(property, `${at}/${name}`, found);
  for (const alternative of Array.isArray(schema.anyOf) ? schema.anyOf : []) pointersIn(alternative, at, found);
  pointersIn(schema.items, `${at}/*`, found);
}

/** By event type, every place that erasure must reach. */
export function personalFields(schemas: readonly EventSchema[]): Readonly<Record<string, readonly Pointer[]>> {
  const entries = schemas.map((schema) => {
    const found = new Set<Pointer>();
    pointersIn(schema, "", found);
    return [schema.title, [...found].toSorted()] as const;
  });
  return Object.fromEntries(entries);
}
