import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { projectedTypes } from "./decide/collections.ts";
import { contractOf, contracts } from "@opsdesk/schemas";
import { readConfig } from "./config.ts";
import { indexed } from "./decide/collections.ts";
import { expired, indexOf, placeOf } from "./decide/generation.ts";
import { differences } from "./decide/reconcile.ts";

const ANALYSTS = new URL("../../../docs/analysts/", import.meta.url);
const fieldsOf = (alias: string): readonly string[] =>
  Object.keys(indexed.find(({ name }) => alias === `opsdesk-${name}`)?.fields ?? {});

/** Every `field` and every key of `term`, `terms`, `range` and `exists` in a query or an aggregation. */
function fieldsNamed(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsNamed);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]): readonly string[] => {
    if (key === "field" && typeof inner === "string") return [inner];
    const clause = ["term", "terms", "range"].includes(key) && typeof inner === "object" && inner !== null;
    if (clause && !("field" in inner)) return Object.keys(inner);
    return fieldsNamed(inner);
  });
}

describe("what analysts are given", () => {
  it.each(readdirSync(new URL("queries/", ANALYSTS)))("queries/%s names fields that its alias has", (file) => {
    const { alias, body } = JSON.parse(readFileSync(new URL(`queries/${file}`, ANALYSTS), "utf8")) as {
      alias: string;
      body: unknown;
    };
    const named = fieldsNamed(body);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((field) => !fieldsOf(alias).includes(field))).toEqual([]);
  });

  it("has a dashboard whose objects are there and whose fields exist", () => {
    interface SavedObject {
      readonly id: string;
      readonly type: string;
      readonly attributes: Readonly<Record<string, unknown>> & {
        readonly visState?: string;
        readonly timeFieldName?: string;
      };
      readonly references: readonly { readonly id: string; readonly type: string }[];
    }
    const lines = readFileSync(new URL("dashboard.ndjson", ANALYSTS), "utf8").trimEnd().split("\n");
    const objects = lines.map((line) => JSON.parse(line) as SavedObject);
    const known = new Set(objects.map(({ type, id }) => `${type}/${id}`));
    for (const { references } of objects)
      for (const { type, id } of references) expect(known).toContain(`${type}/${id}`);
    for (const { id, attributes } of objects.filter(({ type }) => type === "index-pattern"))
      expect(fieldsOf(id)).toContain(attributes.timeFieldName);
    const charts = objects.filter(({ type }) => type === "visualization");
    expect(charts.length).toBeGreaterThan(5);
    for (const { attributes, references } of charts) {
      const [pattern] = references;
      const query = (attributes["kibanaSavedObjectMeta"] as { searchSourceJSON: string }).searchSourceJSON;
      const filter = (JSON.parse(query) as { query: { query: string } }).query.query;
      const named = [
        ...fieldsNamed(JSON.parse(attributes.visState ?? "{}")),
        ...[...filter.matchAll(/(\w+):/g)].map(([, field = ""]) => field),
      ];
      expect(named.filter((field) => !fieldsOf(pattern?.id ?? "").includes(field))).toEqual([]);
    }
    expect(objects.filter(({ type }) => type === "dashboard")).toHaveLength(1);
  });
});

describe("the projection's events", () => {
  it("are those of which the catalogue says that analytics consumes them", () => {
    const consumed = contracts
      .filter(({ consumers }) => (consumers as readonly string[]).includes("analytics"))
      .map(({ type }) => type);
    expect([...projectedTypes].toSorted()).toEqual(consumed.toSorted());
    expect(projectedTypes.every((type) => contractOf(type)?.class !== "command")).toBe(true);
  });
});

describe("names of indices", () => {
  it("say the generation and the day, and are read as they are written", () => {
    expect(indexOf("opsdesk", "tickets", 1)).toBe("opsdesk-tickets-v1");
    expect(indexOf("my-desk", "events", 2, "2026.11.20")).toBe("my-desk-events-v1-g2-2026.11.20");
    expect(placeOf("my-desk", "my-desk-events-v1-g2-2026.11.20")).toEqual({
      collection: "events",
      schema: 1,
      generation: 2,
      day: "2026.11.20",
    });
    expect(placeOf("opsdesk", "opsdesk-other-tickets-v1")).toBeUndefined();
  });

  it("tell what is past its days, what an earlier generation left, and nothing of others", () => {
    const indices = [
      "opsdesk-events-v1-g2-2026.11.19",
      "opsdesk-events-v1-g2-2026.11.20",
      "opsdesk-events-v1-g3-2026.11.20",
      "opsdesk-events-v1-2026.11.20",
      "opsdesk-tickets-v1",
      "opsdesk-tickets-v1-g2",
      "opsdesk-chunks",
      "other-events-v1-2020.01.01",
    ];
    expect(expired("opsdesk", indices, { generation: 2, from: "2026.11.20" })).toEqual([
      "opsdesk-events-v1-g2-2026.11.19",
      "opsdesk-events-v1-2026.11.20",
      "opsdesk-tickets-v1",
    ]);
  });
});

describe("a comparison with the source", () => {
  const one = (count: number) => ({ tenant: "it-helpdesk", key: "open", count });
  const none = { categories: [], drafts: [], dispositions: [], deliveries: [] };

  it("is empty when both count alike, in any order and in parts", () => {
    expect(differences({ tickets: [one(2), one(1)], ...none }, { tickets: [one(3)], ...none })).toEqual([]);
  });

  it("names what either side alone has", () => {
    expect(differences({ tickets: [one(2)], ...none }, { tickets: [], ...none })).toEqual([
      { what: "tickets", tenant: "it-helpdesk", key: "open", source: 2, indexed: 0 },
    ]);
  });
});

describe("readConfig", () => {
  it("has defaults beside the server's address", () => {
    expect(readConfig({ OPENSEARCH_URL: "http://127.0.0.1:9200" })).toEqual({
      openSearchUrl: "http://127.0.0.1:9200",
      prefix: "opsdesk",
      rawText: false,
      eventDays: 400,
    });
  });

  it("names every problem at once", () => {
    expect(() =>
      readConfig({ ANALYTICS_INDEX_PREFIX: "*", ANALYTICS_RAW_TEXT: "yes", ANALYTICS_EVENT_DAYS: "0" }),
    ).toThrow(/OPENSEARCH_URL.*ANALYTICS_INDEX_PREFIX.*ANALYTICS_RAW_TEXT.*ANALYTICS_EVENT_DAYS/);
  });
});
