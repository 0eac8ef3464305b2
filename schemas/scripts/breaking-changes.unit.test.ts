import Type, { type TSchema } from "typebox";
import { closed, oneOf, openOneOf, orNull } from "../src/common.ts";
import { breakingChanges, type ChangeKind } from "./breaking-changes.ts";
import type { JsonSchema } from "./json-schema.ts";

const plain = (schema: TSchema) => JSON.parse(JSON.stringify(schema)) as JsonSchema;
const of = (field: TSchema) => plain(closed({ field }));
const kinds = (before: JsonSchema, after: JsonSchema) =>
  breakingChanges(before, after).map(({ kind, path }) => `${kind} ${path}`);

const text = Type.String();
const tagged = (...tags: readonly string[]) => Type.Union(tags.map((tag) => closed({ type: Type.Literal(tag) })));

describe("a breaking change", () => {
  const cases: readonly (readonly [string, ChangeKind, TSchema, TSchema])[] = [
    ["another type", "type_changed", text, Type.Integer()],
    ["a number narrowed to an integer", "type_changed", Type.Number(), Type.Integer()],
    ["a list of values where any text was", "type_changed", text, oneOf("a")],
    ["null no longer accepted", "alternative_removed", orNull(text), text],
    ["null accepted, which older consumers refuse", "alternative_added", text, orNull(text)],
    ["a command taken away", "alternative_removed", tagged("a", "b", "c"), tagged("a", "b")],
    ["a command added", "alternative_added", tagged("a", "b"), tagged("a", "b", "c")],
    ["a member removed", "enum_member_removed", oneOf("a", "b"), oneOf("a")],
    ["a member removed from an open list", "enum_member_removed", openOneOf("a", "b"), openOneOf("a")],
    ["a member added to a closed list", "enum_member_added", oneOf("a"), oneOf("a", "b")],
    ["an open list closed", "enum_closed", openOneOf("a"), oneOf("a")],
    ["another constant", "enum_member_removed", Type.Literal("a"), Type.Literal("b")],
    ["a shorter text", "bound_narrowed", Type.String({ maxLength: 9 }), Type.String({ maxLength: 8 })],
    ["a first limit", "bound_narrowed", text, Type.String({ maxLength: 8 })],
    [
      "a longer text, which older consumers refuse",
      "bound_widened",
      Type.String({ maxLength: 8 }),
      Type.String({ maxLength: 9 }),
    ],
    ["a higher minimum", "bound_narrowed", Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 1 })],
    ["a lower minimum", "bound_widened", Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 0 })],
    ["a shorter list", "bound_narrowed", Type.Array(text, { maxItems: 2 }), Type.Array(text, { maxItems: 1 })],
    ["another pattern", "pattern_changed", Type.String({ pattern: "^a$" }), Type.String({ pattern: "^b$" })],
    ["an open object closed", "object_closed", Type.Object({ a: text }), closed({ a: text })],
    ["another condition", "type_changed", Type.Object({}, { anyOf: [{ required: ["a"] }] }), Type.Object({})],
  ];

  it.each(cases)("is %s", (_name, kind, before, after) => {
    expect(kinds(of(before), of(after))).toContain(`${kind} /field`);
  });

  it("is a property removed, or renamed", () => {
    expect(
      kinds(plain(closed({ a: text, b: Type.Optional(text) })), plain(closed({ a: text, c: Type.Optional(text) }))),
    ).toEqual(["property_removed /b"]);
  });

  it("is a new property that is required, and an old one that becomes so", () => {
    expect(kinds(plain(closed({ a: Type.Optional(text) })), plain(closed({ a: text, b: text })))).toEqual([
      "property_newly_required /a",
      "property_newly_required /b",
    ]);
  });

  it("is a required property that becomes optional: older consumers require it", () => {
    expect(kinds(of(text), of(Type.Optional(text)))).toEqual(["property_no_longer_required /field"]);
  });

  it("is found in lists, in unions and in nested objects", () => {
    const deep = (leaf: TSchema) => plain(closed({ a: Type.Array(closed({ b: orNull(closed({ c: leaf })) })) }));
    expect(kinds(deep(text), deep(Type.Integer()))).toEqual(["type_changed /a/*/b/c"]);
  });

  it.each(["name", "key", "class"])("is another %s of the topic", (fact) => {
    const topic = { name: "a.v1", key: "ticket", class: "fact" };
    expect(kinds({ "x-topic": topic }, { "x-topic": { ...topic, [fact]: "other" } })).toEqual(["topic_changed "]);
  });
});

describe("an additive change", () => {
  const additive: readonly (readonly [string, TSchema, TSchema])[] = [
    ["nothing", closed({ a: text }), closed({ a: text })],
    ["an optional property", closed({ a: text }), closed({ a: text, b: Type.Optional(text) })],
    ["a member of an open list", closed({ a: openOneOf("a") }), closed({ a: openOneOf("a", "b") })],
    ["a closed list opened", closed({ a: oneOf("a") }), closed({ a: openOneOf("a") })],
    [
      "a description or a mark",
      closed({ a: text }),
      closed({ a: Type.String({ description: "said", "x-personal": true }) }),
    ],
    ["another order of alternatives", closed({ a: tagged("a", "b") }), closed({ a: tagged("b", "a") })],
  ];

  it.each(additive)("may be %s", (_name, before, after) => {
    expect(breakingChanges(plain(before), plain(after))).toEqual([]);
  });
});
