import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { contracts, topicCatalogue } from "../src/index.ts";
import { invalidExamples, validExamples } from "../src/testing/examples.ts";
import { asyncapi } from "./asyncapi.ts";
import { staleFiles } from "./generate.ts";
import { eventSchemas } from "./json-schema.ts";
import { personalFields } from "./personal-fields.ts";

const require = createRequire(import.meta.url);
const schemas = eventSchemas();
// A second implementation of JSON Schema: what we publish must mean the same to others as to us.
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, strictRequired: false });
ajv.addVocabulary(["x-personal", "x-open", "x-topic", "x-schemaversion"]);
const validators = new Map(schemas.map((schema) => [schema.title, ajv.compile(schema)]));

describe("generated files", () => {
  it("are what their sources say", async () => {
    expect(await staleFiles()).toEqual([]);
  });

  it("are reported when missing", async () => {
    expect(await staleFiles("/nowhere")).toHaveLength(contracts.length + 4);
  });
});

describe("a published schema", () => {
  it.each(validExamples().map((example) => [example.name, example] as const))("accepts %s", (_name, { event }) => {
    const validate = validators.get(event.type);
    expect(validate?.(event)).toBe(true);
  });

  it.each(invalidExamples().map((example) => [example.name, example] as const))("refuses %s", (_name, { event }) => {
    expect(validators.get(event.type)?.(event)).toBe(false);
  });

  it("asks of an upstream system only what it must send", () => {
    const minimal: unknown = JSON.parse(
      readFileSync(new URL("../examples/enquiry.submitted/upstream-minimal.json", import.meta.url), "utf8"),
    );
    expect(validators.get("enquiry.submitted")?.(minimal)).toBe(true);
    expect(validators.get("ticket.created")?.(minimal)).toBe(false);
  });
});

describe("the AsyncAPI document", () => {
  // Plain JSON, as a reader of the file sees it.
  const document = JSON.parse(JSON.stringify(asyncapi(topicCatalogue, schemas))) as ReturnType<typeof asyncapi>;

  it("is valid against the official schema of AsyncAPI 3.0", () => {
    const official = require("@asyncapi/specs/schemas/3.0.0.json") as object;
    // The official schema bundles the meta-schema that Ajv would add once more.
    const judge = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
    formats.default(judge);
    const validate = judge.compile(official);
    expect(validate(document) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...document, operations: { broken: { action: "sends" } } })).toBe(false);
  });

  it("has references that lead somewhere", () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
    const targets = new Set([...references].map(([, pointer]) => pointer ?? ""));
    expect(targets.size).toBeGreaterThan(100);
    for (const pointer of targets)
      expect(
        pointer.split("/").reduce<unknown>((node, part) => (node as Record<string, unknown>)[part], document),
      ).toBeDefined();
  });

  it("has an operation for every service at either end of a topic", () => {
    expect(document.operations).toHaveProperty(["safety-gate.send.ai.draft.review_required"]);
    expect(document.operations).toHaveProperty(["crm.receive.ai.draft.review_required"]);
    expect(Object.keys(document.operations)).toHaveLength(
      topicCatalogue.reduce((sum, { producers, consumers }) => sum + producers.length + consumers.length, 0),
    );
  });
});

describe("personal fields", () => {
  const fields = personalFields(schemas);

  it("name every place where a customer's words or name travel", () => {
    expect(fields["ticket.created"]).toEqual(
      expect.arrayContaining([
        "/data/customer/name",
        "/data/message/author/name",
        "/data/message/fullText",
        "/data/message/text",
        "/data/subject",
      ]),
    );
    expect(fields["ticket.command_submitted"]).toContain("/data/command/said");
    expect(fields["ai.draft.review_required"]).toContain("/data/draft/sentences/*/citations/*/quote");
  });

  it("leave no place out where an example holds a name, a phone number or the customer's words", () => {
    const telling = /Maya|Lindqvist|555 01 42|every day at 2 pm|Priya Nair|Tomas Berg/;
    for (const { event } of validExamples()) {
      const marked = (fields[event.type] ?? []).map((field) => new RegExp(`^${field.replaceAll("*", "[^/]+")}(/|$)`));
      const open = textsIn(event.data, "/data").filter(
        ([at, text]) => telling.test(text) && !marked.some((mark) => mark.test(at)),
      );
      expect([event.type, open]).toEqual([event.type, []]);
    }
  });
});

function textsIn(value: unknown, at: string): readonly (readonly [string, string])[] {
  if (typeof value === "string") return [[at, value]];
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, child]) => textsIn(child, `${at}/${key}`))
    : [];
}
