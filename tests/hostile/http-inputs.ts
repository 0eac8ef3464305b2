import type { App } from "@opsdesk/service";
import { pick } from "../faults/random.ts";

export interface HttpInput {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Whether it must be refused; otherwise it may be taken, as long as it is answered. */
  readonly refuse: boolean;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly minLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
}
interface Operation {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
}

const STRANGE = [
  "\u0000",
  "a\u0000b",
  "\uD800",
  "x\uDFFF",
  "\u202Etxet",
  "𝕳".repeat(50),
  "'; drop table ingest.tickets; --",
  "{{constructor}}",
  "../../../etc/passwd",
  "%00",
  "\r\nx-injected: 1",
  "=cmd|' /C calc'!A0",
];
const WRONG: readonly unknown[] = [null, true, -1, 1e308, 12.5, [], {}, [[]], { $gt: "" }, ["x"]];
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** A body of the documented form, as small as it may be. Patterns are not understood: they are part of what is tried. */
function smallest(schema: Schema | undefined): unknown {
  if (schema === undefined) return {};
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return smallest(schema.anyOf[0]);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "object":
      return Object.fromEntries((schema.required ?? []).map((name) => [name, smallest(schema.properties?.[name])]));
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => smallest(schema.items));
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return "x".repeat(Math.max(schema.minLength ?? 1, 1));
  }
}

/** Hostile requests for every route that is documented. */
export function httpInputs(app: App, key: string, random: () => number): readonly HttpInput[] {
  const inputs: HttpInput[] = [];
  for (const [template, methods] of Object.entries(app.swagger().paths ?? {}))
    // The generated document's own form.
    for (const [name, operation] of Object.entries<Operation>(methods ?? {}))
      inputs.push(...forRoute(template, name.toUpperCase(), operation, key, random));
  return inputs;
}

function forRoute(
  template: string,
  method: string,
  operation: Operation,
  key: string,
  random: () => number,
): readonly HttpInput[] {
  const route = `${method} ${template}`;
  const isPublic = template === "/v1/businesses" || template.startsWith("/v1/decisions/");
  const plain = template.replaceAll(/\{[^}]+\}/g, "unknown");
  const good = { authorization: `Bearer ${key}`, "idempotency-key": `hostile-${String(random())}` };
  const inputs: HttpInput[] = [];
  const add = (what: string, refuse: boolean, change: Partial<HttpInput> = {}): void =>
    void inputs.push({ what: `${route}: ${what}`, method, path: plain, headers: good, refuse, ...change });

  if (!isPublic) {
    const [what, authorization] = pick(random, [
      ["no key", ""],
      ["an unknown key", `Bearer odk_${"z".repeat(40)}`],
      ["another scheme", "Basic b2RrOm9kaw=="],
      ["a key too long", `Bearer odk_${"z".repeat(5_000)}`],
    ] as const);
    add(what, true, { headers: authorization === "" ? {} : { authorization } });
  }
  if (template.includes("{")) {
    const strange = pick(random, [
      "%00",
      "a%00b",
      "%ED%A0%80",
      "%ff%fe",
      "x".repeat(3_000),
      "..%2f..%2fetc",
      encodeURIComponent(pick(random, STRANGE).toWellFormed()),
    ]);
    add(`a path of ${strange.slice(0, 20)}`, true, {
      path: template.replaceAll(/\{[^}]+\}/g, strange),
      ...(method === "GET" || method === "DELETE"
        ? {}
        : { headers: { ...good, "content-type": "application/json" }, body: "{}" }),
    });
  }
  const queries = (operation.parameters ?? []).filter((one) => one.in === "query");
  if (queries.length > 0) {
    const { name } = pick(random, queries);
    for (const value of [
      pick(random, ["-1", "1e99", "x".repeat(5_000), "0".repeat(400)]),
      pick(random, ["%00", "%ED%A0%80", "%ff", "a~b", "[]"]),
    ])
      add(`query ${name}=${value.slice(0, 20)}`, false, { path: `${plain}?${name}=${value}` });
    add("a query repeated", false, { path: `${plain}?${name}=1&${name}=2` });
  }
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  if (schema === undefined) return inputs;

  const json = { ...good, "content-type": "application/json" };
  const body = (
    what: string,
    text: string | Uint8Array<ArrayBuffer>,
    refuse = true,
    headers: Readonly<Record<string, string>> = json,
  ): void => add(what, refuse, { headers, body: text });
  const valid = smallest(schema) as Record<string, unknown>;
  const names = Object.keys(schema.properties ?? {});
  body("no JSON", pick(random, ['{"a":', "{'a': 1}", "undefined", '{"a":1}}', "\u0000", '{"a":1,}', "NaN"]));
  body("empty", "");
  body("no object", pick(random, ["null", "[]", "1", '"text"', "true", "[{}]"]));
  body("deeply nested", `{"${names[0] ?? "a"}":${nested(pick(random, [500, 20_000]))}}`);
  body("half a UTF-8 sequence", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]));
  body("another media type", JSON.stringify(valid), true, {
    ...good,
    "content-type": pick(random, [
      "text/plain",
      "application/xml",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
    ]),
  });
  body(
    "an unknown property",
    JSON.stringify({ ...valid, [pick(random, ["unknown", "constructor", "tenant", "__proto__x"])]: 1 }),
  );
  body("__proto__", `{"__proto__":{"scopes":["*"]},${JSON.stringify(valid).slice(1)}`.replace(",}", "}"));
  if (
    template !== "/v1/desk" &&
    template !== "/v1/examples" &&
    template !== "/v1/enquiries" &&
    template !== "/v1/knowledge/sources"
  )
    body("far too large", `{"${names[0] ?? "a"}":"${"x".repeat(2_200_000)}"}`);
  if (names.length > 0) {
    const wrong = pick(random, names);
    body(`a wrong type in ${wrong}`, JSON.stringify({ ...valid, [wrong]: pick(random, WRONG) }), false);
    const strange = pick(random, names);
    body(`a strange text in ${strange}`, JSON.stringify({ ...valid, [strange]: pick(random, STRANGE) }), false);
    if ((schema.required ?? []).length > 0) {
      const missing = pick(random, schema.required ?? []);
      const { [missing]: _, ...rest } = valid;
      body(`without ${missing}`, JSON.stringify(rest));
    }
  }
  return inputs;
}
