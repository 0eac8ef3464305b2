import { topicCatalogue } from "../src/index.ts";
import { asyncapi } from "./asyncapi.ts";
import { eventSchemas } from "./json-schema.ts";
import { personalFields } from "./personal-fields.ts";
import { topicsPage } from "./topics-page.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated file: its path inside this package, and its content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schemas = eventSchemas();
  return new Map([
    ...schemas.map((schema) => [`generated/${schema["x-topic"].name}.schema.json`, json(schema)] as const),
    ["generated/asyncapi.json", json(asyncapi(topicCatalogue, schemas))],
    ["generated/topics.json", json(topicCatalogue)],
    ["generated/personal-fields.json", json(personalFields(schemas))],
    ["docs/topics.md", topicsPage(topicCatalogue)],
  ]);
}
