import Type from "typebox";
import { closed, oneOf, openOneOf } from "./common.ts";
import { checker } from "./reader.ts";
import { tolerant } from "./tolerant.ts";

describe("tolerant", () => {
  it("opens objects at every depth, in lists and in unions", () => {
    const schema = closed({ a: Type.Array(closed({ b: Type.Union([closed({ c: Type.String() }), Type.Null()]) })) });
    const value = { a: [{ b: { c: "x", new: 1 }, new: 1 }], new: 1 };
    expect(checker(schema)(value)).not.toEqual([]);
    expect(checker(tolerant(schema))(value)).toEqual([]);
  });

  it("keeps everything else as strict as it was", () => {
    const check = checker(
      tolerant(closed({ level: oneOf("low", "high"), n: Type.Integer({ minimum: 0 }), open: openOneOf("a") })),
    );
    expect(check({ level: "lowest", n: -1, open: 7 }).map(({ path }) => path)).toEqual(["/level", "/n", "/open"]);
  });

  it("survives properties that are called like keywords", () => {
    const names = ["additionalProperties", "x-open", "properties", "enum", "anyOf", "type", "required", "items"];
    const schema = closed(Object.fromEntries(names.map((name) => [name, closed({ value: Type.Boolean() })])));
    const check = checker(tolerant(schema));
    expect(check(Object.fromEntries(names.map((name) => [name, { value: false, new: 1 }])))).toEqual([]);
    expect(check({})).toHaveLength(names.length);
    expect(
      check({ ...Object.fromEntries(names.map((name) => [name, { value: true }])), enum: { value: "x" } }),
    ).toHaveLength(1);
  });

  it("leaves values alone that look like keywords", () => {
    const literal = { "x-open": true, additionalProperties: false };
    expect(tolerant(Type.Object({}, { default: literal })) as object).toMatchObject({ default: literal });
  });

  it("does not change the schema it is given", () => {
    const schema = closed({ a: Type.String() });
    tolerant(schema);
    expect(schema).toMatchObject({ additionalProperties: false });
  });
});
