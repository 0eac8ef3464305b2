import { describe, expect, it } from "@jest/globals";
import { checkProduced } from "@opsdesk/schemas";
import { fileURLToPath } from "node:url";
import { somePack, withText } from "./pack.fixture.ts";
import { type DeskPack, readDeskPack } from "./read-desk-pack.ts";
import { readFolder } from "./read-folder.ts";
import { shadowOf } from "./shadow-of.ts";

function packOf(files: ReadonlyMap<string, string>): DeskPack {
  const result = readDeskPack(files);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems, null, 2));
  return result.pack;
}

const sample = async () =>
  packOf(await readFolder(fileURLToPath(new URL("../../../desks/it-helpdesk", import.meta.url))));

describe("the sample desk", () => {
  it("reads without problems and fits the desk contract", async () => {
    const { desk, filesHash } = await sample();
    expect(
      checkProduced("desk.configured", { version: 1, contentHash: filesHash, desk: { ...desk, apiKeys: [] } }),
    ).toEqual([]);
    expect(
      checkProduced("desk.configured", {
        version: 1,
        contentHash: filesHash,
        desk: { ...shadowOf(desk), apiKeys: [] },
      }),
    ).toEqual([]);
  });

  it("has documents and examples that fit their contracts", async () => {
    const { documents, examples, filesHash } = await sample();
    for (const document of documents) {
      const data = { ...document, contentType: "text/markdown", contentHash: filesHash };
      expect(checkProduced("knowledge.source_submitted", data)).toEqual([]);
    }
    expect(
      checkProduced("examples.submitted", { set: "it-helpdesk", part: 0, parts: 3, examples: examples.slice(0, 200) }),
    ).toEqual([]);
  });

  it("holds the reference scenario first, at the number that it is known by", async () => {
    const { desk } = await sample();
    expect(`${desk.business.referencePrefix}${desk.business.firstNumber}`).toBe("OD-1025");
    expect(desk.scenarios[0]).toMatchObject({
      input: { from: { email: "maya.lindqvist@northgate.example" }, subject: "Wi-Fi drops every day at 2 pm" },
      expect: { disposition: "review_required", categoryId: "network", citations: ["wifi-drops-playbook"] },
    });
    expect(desk.categories.find(({ id }) => id === "network")?.ownerId).toBe("priya");
  });

  it("gives every category a template and at least fifteen examples", async () => {
    const { desk, examples } = await sample();
    for (const { id } of desk.categories) {
      expect(desk.templates.filter(({ categoryId }) => categoryId === id)).not.toEqual([]);
      expect(examples.filter(({ categoryId }) => categoryId === id).length).toBeGreaterThanOrEqual(15);
    }
  });

  it("asks nothing in the categories that may be answered automatically", async () => {
    const { desk } = await sample();
    const licensed = desk.categories.filter(({ id }) => desk.policy.autoSend.categories.includes(id));
    expect(licensed.map(({ asks }) => asks)).toEqual([[], [], []]);
  });

  it("says in its templates only numbers, codes and addresses that their grounds say", async () => {
    const { desk, documents } = await sample();
    for (const { id, body, grounds } of desk.templates) {
      const ground = documents
        .filter(({ sourceId }) => grounds.includes(sourceId))
        .map(({ content }) => content)
        .join("\n");
      const said = body.match(/https?:\/\/[\w./-]+[\w/]|\S*\d\S*/g) ?? [];
      expect({ id, unfounded: said.filter((word) => !ground.includes(word)) }).toEqual({ id, unfounded: [] });
    }
  });
});

describe("readDeskPack", () => {
  it("versions a template by its content and a pack by its files", () => {
    const changed = packOf(withText("templates/keys.md", "Hello", "Dear"));
    const same = packOf(withText("desk.yaml", "Corner Desk", "Corner Desks"));
    const { desk, filesHash } = packOf(somePack());
    expect(changed.desk.templates[0]?.version).not.toBe(desk.templates[0]?.version);
    expect(same.desk.templates[0]?.version).toBe(desk.templates[0]?.version);
    expect(new Set([filesHash, changed.filesHash, same.filesHash]).size).toBe(3);
  });

  it("fills in what may be left out", () => {
    const { desk, documents, examples } = packOf(withText("desk.yaml", "owners:\n  keys: ada\n", ""));
    expect(desk).toMatchObject({
      ai: { enabled: true },
      categories: [{ ownerId: "ada" }],
      templates: [{ locale: "en" }],
    });
    expect(documents[0]).toMatchObject({
      uri: "knowledge/doors/key-guide.md",
      locale: "en",
      validFrom: "2026-01-01T00:00:00Z",
    });
    expect(documents[0]?.content.startsWith("# Keys")).toBe(true);
    expect(examples.map(({ text }) => text)).toEqual(["I lost my key", "My key is stuck", "The lock does not turn"]);
  });
});

describe("shadowOf", () => {
  it("keeps what decides and nobody who could be reached", () => {
    const { desk } = packOf(somePack());
    const shadow = shadowOf(desk);
    expect(shadow).toEqual({
      ...desk,
      business: { ...desk.business, id: "corner-desk~eval" },
      people: [{ id: "ada", name: "Ada Byrne", role: "reviewer", teamId: "front" }],
      endpoints: [],
    });
    expect(JSON.stringify(shadow)).not.toContain("ada@corner.example");
  });

  it("drops API keys that a desk from an event carries", () => {
    const keyed = { ...packOf(somePack()).desk, apiKeys: [{ keyId: "k", sha256: "0".repeat(64), scopes: ["ops"] }] };
    expect(shadowOf(keyed)).not.toHaveProperty("apiKeys");
  });
});
