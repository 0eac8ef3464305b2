import { contractOf } from "./contracts.ts";
import type { Envelope } from "./envelope.ts";
import { validExamples } from "./testing/examples.ts";
import { checkConsumed, checkEnvelope, checkProduced } from "./reader.ts";

type Pointer = readonly (string | number)[];

/** Objects whose names are the writer's own, with all in them: there is no unknown property there. */
const FREE_OBJECTS = ["admin.command_submitted/arguments", "input.accepted/input"];
const isFree = (place: string) => FREE_OBJECTS.some((free) => `${place}/`.startsWith(`${free}/`));
/** Enquiries come from outside and are read closed. */
const readClosed = (type: string) => type === "enquiry.submitted";

const later = (event: Envelope, data: unknown): Envelope => ({ ...event, schemaversion: "1.7", data });

function objectsIn(value: unknown, at: Pointer = []): readonly Pointer[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, child]) => objectsIn(child, [...at, key]));
  return Array.isArray(value) ? inner : [at, ...inner];
}

function placesOfOpenLists(schema: unknown, at: Pointer = []): readonly Pointer[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties, items, anyOf, ...own } = schema as Readonly<Record<string, unknown>>;
  if (own["x-open"] === true) return [at];
  return [
    ...Object.entries(properties ?? {}).flatMap(([name, child]) => placesOfOpenLists(child, [...at, name])),
    ...placesOfOpenLists(items, [...at, 0]),
    ...(Array.isArray(anyOf) ? anyOf.flatMap((alternative) => placesOfOpenLists(alternative, at)) : []),
  ];
}

const valueAt = (value: unknown, pointer: Pointer): unknown =>
  pointer.reduce<unknown>(
    (node, key) => (typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  );

function withValue(data: unknown, pointer: Pointer, value: unknown): unknown {
  const copy = structuredClone(data);
  const parent = valueAt(copy, pointer.slice(0, -1)) as Record<string, unknown>;
  parent[String(pointer.at(-1))] = value;
  return copy;
}

const examples = validExamples();

const unknownProperties = examples.flatMap(({ name, event }) =>
  objectsIn(event.data)
    .filter((at) => !isFree([event.type, ...at].join("/")))
    .map(
      (at) =>
        [
          name,
          ["", ...at].join("/"),
          event,
          withValue(event.data, [...at, "added-later"], { any: ["thing"] }),
        ] as const,
    ),
);

const unknownMembers = examples.flatMap(({ name, event }) =>
  placesOfOpenLists(contractOf(event.type)?.data)
    .filter((at) => valueAt(event.data, at) !== undefined)
    .map((at) => [name, ["", ...at].join("/"), event, withValue(event.data, at, "added_later")] as const),
);

describe("an event of a later minor version", () => {
  it.each(unknownProperties)(
    "%s with an unknown property in %p is read, and not written",
    (_name, _at, event, data) => {
      expect(checkEnvelope(later(event, data))).toEqual([]);
      expect(checkConsumed(event.type, data)).toHaveLength(readClosed(event.type) ? 1 : 0);
      expect(checkProduced(event.type, data)).toEqual([
        { path: expect.stringMatching(/\/added-later$/), message: "is not a known property" },
      ]);
    },
  );

  it.each(unknownMembers)(
    "%s with an unknown member of the open list at %p is read, and not written",
    (_name, at, event, data) => {
      expect(checkConsumed(event.type, data)).toHaveLength(readClosed(event.type) ? 1 : 0);
      expect(checkProduced(event.type, data)).toEqual([
        { path: at, message: expect.stringMatching(/^must be one of /) },
      ]);
    },
  );

  it("is tried at many places", () => {
    expect(unknownProperties.length).toBeGreaterThan(200);
    expect(unknownMembers.length).toBeGreaterThan(40);
  });
});
