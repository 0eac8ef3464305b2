import type { JsonSchema } from "./json-schema.ts";

/**
 * Terminology. *Before* is a released schema, *after* the present one. Old and new run side by side: old consumers
 * read new events, new consumers read old ones from a kept topic. So a narrower schema breaks the reading of old
 * events, and a wider one breaks old consumers. Only what a tolerant reader ignores may change.
 */
export type ChangeKind =
  | "property_removed"
  | "property_newly_required"
  | "property_no_longer_required"
  | "type_changed"
  | "alternative_removed"
  | "alternative_added"
  | "enum_member_removed"
  | "enum_member_added"
  | "enum_closed"
  | "bound_narrowed"
  | "bound_widened"
  | "pattern_changed"
  | "object_closed"
  | "topic_changed";

export interface BreakingChange {
  readonly kind: ChangeKind;
  /** Where in an event; `*` stands for each item of a list. */
  readonly path: string;
  readonly message: string;
}

type Changes = readonly BreakingChange[];
type Compare = (before: JsonSchema, after: JsonSchema, path: string) => Changes;

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectAt = (schema: JsonSchema, keyword: string): JsonSchema =>
  isObject(schema[keyword]) ? schema[keyword] : {};
const listAt = (schema: JsonSchema, keyword: string): readonly unknown[] =>
  Array.isArray(schema[keyword]) ? schema[keyword] : [];
const text = (value: unknown): string => JSON.stringify(value) ?? "none";
const change = (kind: ChangeKind, path: string, message: string): BreakingChange => ({ kind, path, message });

const compareProperties: Compare = (before, after, path) => {
  const [had, has] = [objectAt(before, "properties"), objectAt(after, "properties")];
  const [needed, needs] = [new Set(listAt(before, "required")), new Set(listAt(after, "required"))];
  const removed = Object.keys(had).filter((name) => !(name in has));
  const kept = Object.keys(had).filter((name) => name in has);
  return [
    ...removed.map((name) => change("property_removed", `${path}/${name}`, "removed or renamed")),
    ...Object.keys(has)
      .filter((name) => needs.has(name) && !needed.has(name))
      .map((name) => change("property_newly_required", `${path}/${name}`, "older events may lack it")),
    ...kept
      .filter((name) => needed.has(name) && !needs.has(name))
      .map((name) => change("property_no_longer_required", `${path}/${name}`, "older consumers require it")),
    ...kept.flatMap((name) => breakingChangesAt(objectAt(had, name), objectAt(has, name), `${path}/${name}`)),
  ];
};

/** A constant is a closed list of one. */
const membersOf = (schema: JsonSchema): readonly unknown[] | undefined =>
  "const" in schema ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined;

const compareMembers: Compare = (before, after, path) => {
  const [had, has] = [membersOf(before), membersOf(after)];
  if (had === undefined || has === undefined)
    return had === has
      ? []
      : [
          change(
            "type_changed",
            path,
            `${had ? "a list of values" : "any value"} became ${has ? "a list of values" : "any value"}`,
          ),
        ];
  const open = after["x-open"] === true;
  const wasOpen = before["x-open"] === true;
  const removed = had.filter((member) => !has.includes(member));
  const added = has.filter((member) => !had.includes(member));
  return [
    ...removed.map((member) => change("enum_member_removed", path, `${text(member)} was removed`)),
    // Older consumers accept a new member only where their own list was open.
    ...(wasOpen
      ? []
      : added.map((member) => change("enum_member_added", path, `${text(member)} was added to a closed list`))),
    ...(wasOpen && !open ? [change("enum_closed", path, "an open list was closed")] : []),
  ];
};

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

const compareBounds: Compare = (before, after, path) =>
  [...LOWER, ...UPPER]
    .filter((keyword) => before[keyword] !== after[keyword])
    .map((keyword) => {
      const absent = LOWER.includes(keyword) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      const [was, is] = [Number(before[keyword] ?? absent), Number(after[keyword] ?? absent)];
      const narrower = LOWER.includes(keyword) ? is > was : is < was;
      return change(
        narrower ? "bound_narrowed" : "bound_widened",
        path,
        `${keyword} ${text(before[keyword])} became ${text(after[keyword])}`,
      );
    });

const compareForm: Compare = (before, after, path) => [
  ...(["pattern", "format", "multipleOf"] as const)
    .filter((keyword) => before[keyword] !== after[keyword])
    .map((keyword) =>
      change("pattern_changed", path, `${keyword} ${text(before[keyword])} became ${text(after[keyword])}`),
    ),
  ...(before.type === after.type
    ? []
    : [change("type_changed", path, `${text(before.type)} became ${text(after.type)}`)]),
  ...(before.additionalProperties !== false && after.additionalProperties === false
    ? [change("object_closed", path, "unknown properties were accepted")]
    : []),
];

const compareItems: Compare = (before, after, path) => [
  ...("items" in before || "items" in after
    ? breakingChangesAt(objectAt(before, "items"), objectAt(after, "items"), `${path}/*`)
    : []),
  ...(text(before.patternProperties) === text(after.patternProperties)
    ? []
    : [change("type_changed", path, "its map of properties changed")]),
];

/** An alternative is known by its tag, else by its type, so that one may change without seeming to be another. */
function alternativesOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const alternatives =
    Array.isArray(schema.anyOf) && schema.type === undefined ? schema.anyOf.filter(isObject) : [schema];
  return new Map(
    alternatives.map((each, index) => {
      const tag = objectAt(objectAt(each, "properties"), "type").const;
      return [
        tag === undefined ? (typeof each.type === "string" ? each.type : `#${index}`) : `type=${text(tag)}`,
        each,
      ];
    }),
  );
}

const compareOne: Compare = (before, after, path) => [
  ...compareForm(before, after, path),
  ...compareMembers(before, after, path),
  ...compareBounds(before, after, path),
  ...compareProperties(before, after, path),
  ...compareItems(before, after, path),
  // Beside a type, `anyOf` is a condition ("content or blob"): it must stay as it is.
  ...("type" in before && text(before.anyOf) !== text(after.anyOf)
    ? [change("type_changed", path, "its condition changed")]
    : []),
];

const breakingChangesAt: Compare = (before, after, path) => {
  const [had, has] = [alternativesOf(before), alternativesOf(after)];
  const [first] = had.values();
  const [firstNow] = has.values();
  if (had.size === 1 && has.size === 1 && first && firstNow) return compareOne(first, firstNow, path);
  return [
    ...[...had.keys()]
      .filter((key) => !has.has(key))
      .map((key) => change("alternative_removed", path, `${key} is no longer accepted`)),
    ...[...has.keys()]
      .filter((key) => !had.has(key))
      .map((key) => change("alternative_added", path, `older consumers refuse ${key}`)),
    ...[...had].flatMap(([key, schema]) => {
      const now = has.get(key);
      return now === undefined ? [] : compareOne(schema, now, path);
    }),
  ];
};

/** What makes `after` unfit to stand beside `before` in one topic; empty when every change is additive. */
export function breakingChanges(before: JsonSchema, after: JsonSchema): Changes {
  const [was, is] = [objectAt(before, "x-topic"), objectAt(after, "x-topic")];
  const topic = ["name", "key", "class"]
    .filter((fact) => was[fact] !== is[fact])
    .map((fact) => change("topic_changed", "", `the topic's ${fact} ${text(was[fact])} became ${text(is[fact])}`));
  return [...topic, ...breakingChangesAt(before, after, "")];
}
