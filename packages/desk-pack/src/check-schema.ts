import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { Settings } from "typebox/system";
import { didYouMean, quoted } from "./nearest.ts";
import type { ProblemCode, Report } from "./problems.ts";
import { patternWords } from "./file-schemas.ts";
import { type Located, pointerTo } from "./yaml.ts";

/** TypeBox stops at 8 errors by default; a pack's problems are wanted all at once. */
const ERRORS_MAX = 1_000;

const validators = new Map<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema) ?? Compile(schema);
  validators.set(schema, known);
  return known;
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

function errorsOf(schema: TSchema, value: unknown): readonly SchemaError[] {
  const validator = validatorOf(schema);
  if (validator.Check(value)) return [];
  const held = Settings.Get().maxErrors;
  Settings.Set({ maxErrors: ERRORS_MAX });
  try {
    return validator.Errors(value);
  } finally {
    Settings.Set({ maxErrors: held });
  }
}

/** Reports every way in which a file's value is not of its schema, at the line where it is written. */
export function checkSchema(schema: TSchema, located: Located, report: Report): boolean {
  const errors = errorsOf(schema, located.value);
  for (const error of errors) explain(schema, error, located, report);
  return errors.length === 0;
}

function explain(schema: TSchema, error: SchemaError, { file, value, lineOf }: Located, report: Report): void {
  const { instancePath: at, params } = error;
  const say = (pointer: string, code: ProblemCode, message: string) => report(file, lineOf(pointer), code, message);
  const name = at === "" ? "The file" : quoted(at.slice(1).replaceAll("/", "."));
  // The parameters of each keyword are TypeBox's documented ones; its error type is their union.
  const given = params as {
    additionalProperties?: string[];
    requiredProperties?: string[];
    allowedValues?: string[];
    type?: string;
    limit?: number;
    pattern?: string;
  };
  switch (error.keyword) {
    case "boolean":
      return; // Said again, with the name of the key, by the parent's "additionalProperties".
    case "additionalProperties": {
      const allowed = keysAt(schema, at);
      for (const key of given.additionalProperties ?? [])
        say(
          pointerTo(at, key),
          "key_unknown",
          `${quoted(key)} is not known here.${didYouMean(key, allowed)} Known: ${allowed.join(", ")}.`,
        );
      return;
    }
    case "required":
      for (const key of given.requiredProperties ?? []) say(at, "key_missing", `${name} needs "${key}". Add it.`);
      return;
    case "type":
      return say(at, "value_type", `${name} must be ${article(given.type ?? "")}, not ${kindOf(valueAt(value, at))}.`);
    case "enum": {
      const allowed = given.allowedValues ?? [];
      return say(
        at,
        "value_not_allowed",
        `${name} must be one of ${allowed.join(", ")}.${didYouMean(String(valueAt(value, at)), allowed)}`,
      );
    }
    case "pattern":
      return say(
        at,
        "value_invalid",
        `${name} is ${quoted(String(valueAt(value, at)))}, which is not ${patternWords(given.pattern ?? "")}.`,
      );
    default:
      return say(at, "value_invalid", `${name} ${error.message}.`);
  }
}

const keysOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));

const fieldOf = (holder: unknown, key: string): unknown =>
  typeof holder === "object" && holder !== null && Object.hasOwn(holder, key)
    ? (holder as Record<string, unknown>)[key]
    : undefined;

const valueAt = (value: unknown, pointer: string): unknown => keysOf(pointer).reduce(fieldOf, value);

/** The keys that the schema allows at a place: through a list's `items` and an object's `properties`. */
function keysAt(schema: TSchema, pointer: string): string[] {
  const found = keysOf(pointer).reduce<unknown>(
    (at, key) => fieldOf(at, "items") ?? fieldOf(fieldOf(at, "properties"), key) ?? {},
    schema,
  );
  return Object.keys(fieldOf(found, "properties") ?? {});
}

const NAMES: Readonly<Record<string, string>> = {
  object: "a map (key: value)",
  array: "a list (- item)",
  string: 'text (quote it: "…")',
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
};
const article = (type: string): string => NAMES[type] ?? type;
const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return "empty";
  return Array.isArray(value)
    ? "a list"
    : typeof value === "object"
      ? "a map"
      : // The scalars that YAML has.
        `the ${typeof value} ${quoted(`${value as string | number | boolean}`)}`;
};
