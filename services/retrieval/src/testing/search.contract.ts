import { termsOf } from "../decide/terms.ts";
import type { LexicalHit, LexicalQuery, LexicalSearch } from "../clients/lexical.ts";

/** A store of chunks under test. Every source has one chunk, whose id follows from tenant, source and version. */
export interface SearchUnderTest {
  readonly search: LexicalSearch;
  /** Adds the next version of a source. */
  submit(source: ContractSource): Promise<void>;
  retire(tenant: string, sourceId: string): Promise<void>;
}

export interface ContractSource {
  readonly tenant: string;
  readonly sourceId: string;
  readonly content: string;
  readonly kind?: string;
  readonly product?: string;
  readonly site?: string;
  readonly locale?: string;
  readonly audience?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
}

/** Whatever store answers, it answers this. `prefix` parts the tenants of suites that share a server. */
export function searchContract(start: () => Promise<SearchUnderTest>, prefix: string): void {
  const tenant = `${prefix}-a`;
  const other = `${prefix}-b`;
  const NOW = "2026-11-20T09:00:00.000Z";
  let tested: SearchUnderTest;
  beforeAll(async () => {
    tested = await start();
  }, 180_000);

  const query = (words: readonly string[], filters: LexicalQuery["filters"] = {}, of = tenant): LexicalQuery => ({
    tenant: of,
    terms: termsOf(words.join(" "), "en"),
    filters,
  });
  const find = async (one: LexicalQuery, at = NOW, limit = 20): Promise<readonly LexicalHit[]> =>
    (await tested.search.find([one], at, limit))[0] ?? [];
  const sourcesOf = async (one: LexicalQuery, at = NOW): Promise<string[]> =>
    (await find(one, at)).map(({ sourceId }) => sourceId).toSorted();
  const submit = (sourceId: string, content: string, rest: Partial<ContractSource> = {}) =>
    tested.submit({ tenant, sourceId, content, ...rest });

  it("finds chunks that hold any of the words, best first", async () => {
    await submit("both", "quartz lantern manual for the quartz lantern");
    await submit("one", "a note about one lantern and many other things that have nothing to do with it");
    const hits = await find(query(["quartz", "lantern"]));
    expect(hits.map(({ sourceId }) => sourceId)).toEqual(["both", "one"]);
    expect(hits[0]).toMatchObject({ kind: "playbook" });
    expect(Date.parse(hits[0]?.validFrom ?? "")).toBeLessThanOrEqual(Date.parse(NOW));
    expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score);
    expect(await find(query(["nowhere"]))).toEqual([]);
    expect(await find(query([]))).toEqual([]);
  });

  it("answers each query of a batch in its place", async () => {
    await submit("batch-1", "walrus");
    await submit("batch-2", "pelican");
    const answers = await tested.search.find([query(["pelican"]), query([]), query(["walrus"])], NOW, 5);
    expect(answers.map((hits) => hits.map(({ sourceId }) => sourceId))).toEqual([["batch-2"], [], ["batch-1"]]);
  });

  it("takes no more than it was asked for", async () => {
    for (const number of [1, 2, 3]) await submit(`limited-${number}`, "ocelot");
    expect(await find(query(["ocelot"]), NOW, 2)).toHaveLength(2);
  });

  it("never shows a tenant another's chunks, not even under the same source id", async () => {
    await submit("shared", "obsidian");
    await tested.submit({ tenant: other, sourceId: "shared", content: "obsidian" });
    await tested.submit({ tenant: other, sourceId: "theirs", content: "obsidian" });
    expect(await sourcesOf(query(["obsidian"]))).toEqual(["shared"]);
    expect(await sourcesOf(query(["obsidian"], {}, other))).toEqual(["shared", "theirs"]);
    const ids = [await find(query(["obsidian"])), await find(query(["obsidian"], {}, other))].flat();
    expect(new Set(ids.map(({ chunkId }) => chunkId)).size).toBe(3);
    expect(await sourcesOf(query(["obsidian"], {}, `${tenant}~eval`))).toEqual([]);
  });

  it.each([
    ["kind", { kind: "faq" }, { kind: "policy" }],
    ["product", { product: "router" }, { product: "phone" }],
    ["site", { site: "Harbour" }, { site: "Mole" }],
    ["locale", { locale: "de" }, { locale: "en" }],
    ["audience", { audience: "staff" }, { audience: "customer" }],
  ] as const)("filters by %s", async (name, wanted, unwanted) => {
    // No language finds an ending in it to cut off.
    const word = `wyk${name.slice(0, 2)}k`;
    await submit(`is-${name}`, word, wanted);
    await submit(`is-not-${name}`, word, unwanted);
    expect(await sourcesOf(query([word], wanted))).toEqual([`is-${name}`]);
    expect(await sourcesOf(query([word]))).toEqual([`is-${name}`, `is-not-${name}`].toSorted());
  });

  it("shows only what is valid at the moment of asking", async () => {
    await submit("later", "marmot", { validFrom: "2026-12-01T00:00:00.000Z" });
    await submit("expired", "marmot", { validTo: "2026-11-19T00:00:00.000Z" });
    await submit("always", "marmot");
    expect(await sourcesOf(query(["marmot"]))).toEqual(["always"]);
    expect(await sourcesOf(query(["marmot"]), "2026-12-02T00:00:00.000Z")).toEqual(["always", "later"]);
  });

  it("shows the newest version in place of those before", async () => {
    await submit("moved", "basalt first");
    const [before] = await find(query(["basalt"]));
    await submit("moved", "basalt second");
    const after = await find(query(["basalt"]));
    expect(after).toHaveLength(1);
    expect(after[0]?.chunkId).not.toBe(before?.chunkId);
  });

  it("shows a version until the one that will take its place begins", async () => {
    await submit("fees", "gneiss eleven");
    const [now] = await find(query(["gneiss"]));
    await submit("fees", "gneiss twelve", { validFrom: "2027-01-01T00:00:00.000Z" });
    expect((await find(query(["gneiss"]))).map(({ chunkId }) => chunkId)).toEqual([now?.chunkId]);
    const then = await find(query(["gneiss"]), "2027-01-02T00:00:00.000Z");
    expect(then).toHaveLength(1);
    expect(then[0]?.chunkId).not.toBe(now?.chunkId);
  });

  it("never shows a retired source, and shows it again when it is submitted again", async () => {
    await submit("phoenix", "feldspar");
    await tested.retire(tenant, "phoenix");
    expect(await sourcesOf(query(["feldspar"]))).toEqual([]);
    await submit("phoenix", "feldspar anew");
    expect(await sourcesOf(query(["feldspar"]))).toEqual(["phoenix"]);
  });
}
