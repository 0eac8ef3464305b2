import { contracts, Envelope, type EventContract, topicOf } from "../src/index.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** An event's published schema: a JSON Schema, with what it says about its topic and version. */
export interface EventSchema extends JsonSchema {
  readonly title: string;
  readonly "x-schemaversion": string;
  readonly "x-topic": { readonly name: string; readonly key: string; readonly class: string };
}

/** What an outside system must send; the rest of the envelope is filled in where its enquiry is read. */
const UPSTREAM_REQUIRED = ["id", "source", "type", "data"];

/** TypeBox schemas hold hidden markers; published ones are plain JSON. */
const plain = (schema: object): JsonSchema => JSON.parse(JSON.stringify(schema)) as JsonSchema;

/**
 * The schema of a whole event: envelope and data. The data is closed, as producers are checked; the envelope is
 * open, since CloudEvents allows extension attributes that are not ours.
 */
export function eventSchemaOf(contract: EventContract): EventSchema {
  const { name, key, class: topicClass } = topicOf(contract);
  const envelope = plain(Envelope) as { readonly required: readonly string[]; readonly properties: JsonSchema };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:opsdesk:event:${contract.type}:v${contract.major}`,
    title: contract.type,
    description: contract.meaning,
    "x-schemaversion": contract.schemaVersion,
    "x-topic": { name, key, class: topicClass },
    type: "object",
    required: contract.type === "enquiry.submitted" ? UPSTREAM_REQUIRED : envelope.required,
    properties: {
      ...envelope.properties,
      type: { const: contract.type },
      schemaversion: { type: "string", pattern: `^${contract.major}\\.\\d+$` },
      data: plain(contract.data),
    },
    additionalProperties: true,
  };
}

/** The published schemas of all events, in the contracts' order. */
export const eventSchemas = (): readonly EventSchema[] => contracts.map(eventSchemaOf);
