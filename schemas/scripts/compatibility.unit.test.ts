import { breakingChanges } from "./breaking-changes.ts";
import { compatibilityProblems } from "./compatibility.ts";
import { type EventSchema, eventSchemas } from "./json-schema.ts";
import { releasedName, releasedSchemas } from "./released-schemas.ts";

const current = eventSchemas();
const reviewRequired = (): EventSchema => {
  const schema = current.find(({ title }) => title === "ai.draft.review_required");
  if (schema === undefined) throw new Error("the contract is gone");
  return structuredClone(schema);
};

interface Editable {
  required: string[];
  properties: Record<string, Record<string, unknown>>;
}
/** A copy of a real schema, its data changed by hand, in another version. */
function planted(change: (data: Editable) => void, version = "1.1"): EventSchema {
  const schema: EventSchema = { ...reviewRequired(), "x-schemaversion": version };
  change((schema.properties as { data: Editable }).data);
  return schema;
}

const addOptional = (data: Editable) => {
  data.properties.addedLater = { type: "string" };
};

describe("the released schemas", () => {
  it("are all compatible with the present ones", async () => {
    expect(compatibilityProblems(await releasedSchemas(), current)).toEqual([]);
  });

  it("hold the present version of every event, or an earlier one", async () => {
    const released = await releasedSchemas();
    expect(new Set(released.map(({ title }) => title))).toEqual(new Set(current.map(({ title }) => title)));
    expect(released.map(releasedName)).toContain("ai.draft.review_required.v1.0.schema.json");
  });
});

describe("the check, on a real schema", () => {
  const breaking: readonly (readonly [string, (data: Editable) => void, string])[] = [
    ["removed", (data) => delete data.properties.dueBy, "property_removed at /data/dueBy"],
    [
      "renamed",
      (data) => {
        data.properties.deadline = data.properties.dueBy ?? {};
        delete data.properties.dueBy;
      },
      "property_removed at /data/dueBy",
    ],
    ["newly required", (data) => data.required.push("customerText"), "property_newly_required at /data/customerText"],
    [
      "narrowed",
      (data) => Object.assign(data.properties.summary ?? {}, { maxLength: 10 }),
      "bound_narrowed at /data/summary",
    ],
    [
      "given another type",
      (data) => Object.assign(data.properties.confidence ?? {}, { type: "string" }),
      "type_changed at /data/confidence",
    ],
    [
      "given a new member of a closed list",
      (data) =>
        Object.assign(data.properties.priority ?? {}, { enum: ["low", "normal", "high", "urgent", "critical"] }),
      "enum_member_added at /data/priority",
    ],
    [
      "given another pattern",
      (data) => Object.assign(data.properties.fingerprint ?? {}, { pattern: "^.$" }),
      "pattern_changed at /data/fingerprint",
    ],
  ];

  it.each(breaking)("is red when a property is %s", (_name, change, problem) => {
    expect(compatibilityProblems([reviewRequired()], [planted(change)]).join("\n")).toContain(problem);
  });

  it.each(["name", "key", "class"])("is red when the topic's %s changes", (fact) => {
    const before = reviewRequired();
    const after = { ...before, "x-topic": { ...before["x-topic"], [fact]: "other" } };
    expect(compatibilityProblems([before], [after])).toHaveLength(1);
  });

  it("is red when a released event is gone", () => {
    expect(compatibilityProblems([reviewRequired()], [])).toHaveLength(1);
  });

  it("is green when nothing has changed", () => {
    expect(breakingChanges(reviewRequired(), reviewRequired())).toEqual([]);
    expect(compatibilityProblems([reviewRequired()], [reviewRequired()])).toEqual([]);
  });

  it("asks for a minor version for an additive change, and is content with it", () => {
    expect(compatibilityProblems([reviewRequired()], [planted(addOptional, "1.0")])).toEqual([
      expect.stringContaining("raise the minor version"),
    ]);
    expect(compatibilityProblems([reviewRequired()], [planted(addOptional)])).toEqual([]);
  });

  it("compares with every released minor version, not only with the last", () => {
    const released = [reviewRequired(), planted(addOptional)];
    const readdedOtherwise = planted((data) => {
      data.properties.addedLater = { type: "integer" };
    }, "1.2");
    expect(compatibilityProblems(released, [readdedOtherwise])).toHaveLength(1);
  });

  it("leaves earlier majors alone: they have a topic of their own", () => {
    const next = planted((data) => delete data.properties.dueBy, "2.0");
    expect(compatibilityProblems([reviewRequired()], [next])).toEqual([]);
  });
});
