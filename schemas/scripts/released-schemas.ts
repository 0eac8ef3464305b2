import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventSchema } from "./json-schema.ts";

export const RELEASED = join(import.meta.dirname, "../released");

/** The file that a released version lives in, for ever. */
export const releasedName = (schema: EventSchema) => `${schema.title}.v${schema["x-schemaversion"]}.schema.json`;

/** Every version that was ever released. */
export async function releasedSchemas(): Promise<readonly EventSchema[]> {
  const names = (await readdir(RELEASED)).filter((name) => name.endsWith(".schema.json"));
  const texts = await Promise.all(names.toSorted().map((name) => readFile(join(RELEASED, name), "utf8")));
  // Written by release.ts from the same type, and never by hand.
  return texts.map((text) => JSON.parse(text) as EventSchema);
}
