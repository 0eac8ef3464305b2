import { newId } from "@opsdesk/identity";
import type { ContextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { testNeo4j, testOpenSearch } from "@opsdesk/servers/suites";
import { type Harness, startHarness } from "@opsdesk/service/testing";
import fc from "fast-check";
import { neo4jGraph } from "./clients/neo4j-graph.ts";
import { neo4jSearch } from "./clients/neo4j-search.ts";
import { openSearchIndex } from "./clients/opensearch-index.ts";
import { openSearch } from "./clients/opensearch-search.ts";
import type { IndexedChunk } from "./clients/search-index.ts";
import { aSource, aTriaged, NOW } from "./testing/fixtures.ts";
import { graphContract } from "./testing/graph.contract.ts";
import { configured, knowledgeOf, submitted } from "./testing/knowledge.ts";
import { searchContract } from "./testing/search.contract.ts";
import { type Line, lineTo } from "./testing/servers.ts";
import { retrievalService } from "./wiring.ts";

const OPENSEARCH = testOpenSearch().url;
const NEO4J = testNeo4j();
const prefix = `t${newId().slice(-10).toLowerCase()}`;

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
  await fetch(`${OPENSEARCH}/${prefix}*`, { method: "DELETE" });
}, 60_000);

const refresh = async (): Promise<void> => {
  const answer = await fetch(`${OPENSEARCH}/${prefix}*/_refresh`, { method: "POST" });
  if (!answer.ok) throw new Error(await answer.text());
};
const environment = {
  OPENSEARCH_URL: OPENSEARCH,
  OPENSEARCH_INDEX_PREFIX: `${prefix}-service`,
  NEO4J_URL: NEO4J.url,
  NEO4J_PASSWORD: NEO4J.password,
  NEO4J_GRAPH: `${prefix}-service`,
  // The first query of a cold server takes seconds; what is slow is told apart from what is gone by its own test.
  SEARCH_TIMEOUT_MS: "10000",
};

describe("search by words in OpenSearch", () => {
  searchContract(async () => {
    const desk = await startHarness(retrievalService, { now: NOW, environment });
    closing.push(() => desk.stop());
    await desk.given(configured(`${prefix}-a`), configured(`${prefix}-b`));
    const search = openSearch({ url: OPENSEARCH, prefix: `${prefix}-service` });
    closing.push(search.close);
    const { retire, submit } = knowledgeOf(desk);
    return {
      search,
      submit: async (source) => (await submit(source), await refresh()),
      retire: async (tenant, sourceId) => (await retire(tenant, sourceId), await refresh()),
    };
  }, prefix);
});

describe("the graph in Neo4j", () => {
  graphContract(async () => {
    const options = { ...NEO4J, name: `${prefix}-contract` };
    const [store, search] = [neo4jGraph(options), neo4jSearch(options)];
    closing.push(store.close, search.close);
    const place = await store.live(() => Promise.resolve());
    return { search, write: (tickets, sources) => place.write(tickets, sources) };
  }, prefix);
});

const indicesOf = async (name: string): Promise<readonly unknown[]> =>
  (await (await fetch(`${OPENSEARCH}/_cat/indices/${prefix}-${name}*?format=json`)).json()) as readonly unknown[];

describe("the index", () => {
  const chunk = (revision: number, terms: readonly string[], rest: Partial<IndexedChunk> = {}): IndexedChunk => ({
    tenant: `${prefix}-index`,
    chunkId: "chk_1",
    sourceId: "s",
    version: 1,
    revision,
    kind: "faq",
    product: null,
    site: null,
    locale: "en",
    audience: "customer",
    validFrom: "2026-01-01T00:00:00.000Z",
    validTo: null,
    supersededAt: null,
    terms,
    ...rest,
  });

  it("keeps the newest revision whatever order writes come in, and how often", async () => {
    const options = { url: OPENSEARCH, prefix: `${prefix}-order` };
    const [index, search] = [openSearchIndex(options), openSearch(options)];
    closing.push(index.close, search.close);
    const place = await index.live(() => Promise.resolve());
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 1, 2, 3], { minLength: 6, maxLength: 6 }), async (revisions) => {
        const tenant = `${prefix}-order-${(run += 1)}`;
        for (const revision of revisions)
          await (revision === 3
            ? place.write({ chunks: [], tombstones: [chunk(3, [], { tenant })] })
            : place.write({ chunks: [chunk(revision, ["agate"], { tenant })], tombstones: [] }));
        await refresh();
        const [found] = await search.find([{ tenant, terms: ["agate"], filters: {} }], NOW, 5);
        expect(found).toEqual([]);
      }),
      { numRuns: 10, seed: 20_261_120 },
    );
  });

  it("is complete before anybody reads from it, and one beside it takes its place at once", async () => {
    const options = { url: OPENSEARCH, prefix: `${prefix}-places` };
    const [index, search] = [openSearchIndex(options), openSearch(options)];
    closing.push(index.close, search.close);
    const find = async (term: string) =>
      (await search.find([{ tenant: `${prefix}-index`, terms: [term], filters: {} }], NOW, 5))[0]?.length;
    await expect(find("agate")).rejects.toMatchObject({ code: "search_unavailable" });
    await index.live((place) => place.write({ chunks: [chunk(1, ["agate"])], tombstones: [] }));
    expect(await find("agate")).toBe(1);
    const next = await index.create();
    await next.write({ chunks: [chunk(1, ["beryl"])], tombstones: [] });
    expect([await find("agate"), await find("beryl")]).toEqual([1, 0]);
    await next.activate();
    expect([await find("agate"), await find("beryl")]).toEqual([0, 1]);
    expect(await indicesOf("places")).toHaveLength(1);
  });

  it("is one, however many batches and processes are the first to ask for it", async () => {
    const options = { url: OPENSEARCH, prefix: `${prefix}-first` };
    const processes = [1, 2, 3, 4].map(() => openSearchIndex(options));
    closing.push(...processes.map(({ close }) => close));
    const fills: number[] = [];
    await Promise.all(
      processes.flatMap((index, n) =>
        [1, 2, 3, 4].map(() =>
          index.live((place) => {
            fills.push(n);
            return place.write({ chunks: [chunk(1, ["agate"])], tombstones: [] });
          }),
        ),
      ),
    );
    expect(fills.length).toBeLessThanOrEqual(processes.length);
    for (const index of processes) {
      const place = await index.live(() => Promise.reject(new Error("there is one already")));
      await place.write({ chunks: [chunk(2, ["beryl"])], tombstones: [] });
    }
    expect(await indicesOf("first")).toHaveLength(1);
  });

  it("is written to again where two processes have left one each", async () => {
    const options = { url: OPENSEARCH, prefix: `${prefix}-two` };
    const index = openSearchIndex(options);
    closing.push(index.close);
    await index.live(() => Promise.resolve());
    const alias = `${prefix}-two-chunks-v1`;
    await fetch(`${OPENSEARCH}/${alias}-zzz`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ aliases: { [alias]: {} } }),
    });
    expect(await indicesOf("two")).toHaveLength(2);
    const place = await index.live(() => Promise.resolve());
    await place.write({ chunks: [chunk(1, ["agate"])], tombstones: [] });
    expect(await indicesOf("two")).toHaveLength(1);
  });
});

it("keeps the newest tickets of a hub, whatever order they came in", async () => {
  const options = { ...NEO4J, name: `${prefix}-hub` };
  const [store, search] = [neo4jGraph(options, 3), neo4jSearch(options)];
  closing.push(store.close, search.close);
  const place = await store.live(() => Promise.resolve());
  for (const number of [5, 1, 4, 2, 3, 1])
    await place.write(
      [
        {
          tenant: prefix,
          ticketId: `tkt_${number}`,
          reference: "R",
          aggregateVersion: 1,
          anchors: [{ kind: "site", id: "hub", at: `2026-11-20T09:0${number}:00.000Z` }],
          sourceIds: [],
        },
      ],
      [],
    );
  const [found] = await search.neighbours(
    [{ tenant: prefix, ticketId: "x", anchors: [{ kind: "site", id: "hub" }], at: "2026-12-01T00:00:00.000Z" }],
    10,
  );
  expect(found?.map(({ ticketId }) => ticketId)).toEqual(["tkt_5", "tkt_4", "tkt_3"]);
});

describe("a desk on both stores", () => {
  let desk: Harness;
  let lines: readonly Line[];
  const tenant = `${prefix}-desk`;
  beforeAll(async () => {
    const [search, graph] = [new URL(OPENSEARCH), new URL(NEO4J.url)];
    const [first, second] = await Promise.all([
      lineTo(search.hostname, Number(search.port)),
      lineTo(graph.hostname, Number(graph.port)),
    ]);
    lines = [first, second];
    desk = await startHarness(retrievalService, {
      now: NOW,
      environment: {
        ...environment,
        OPENSEARCH_URL: `http://127.0.0.1:${first.port}`,
        OPENSEARCH_INDEX_PREFIX: `${prefix}-desk`,
        NEO4J_URL: `bolt://127.0.0.1:${second.port}`,
        NEO4J_GRAPH: `${prefix}-desk`,
      },
    });
    await desk.given(configured(tenant), submitted({ ...aSource(), tenant, content: aSource().content ?? "" }));
    await refresh();
  }, 120_000);
  afterAll(async () => {
    await desk.stop();
    for (const line of lines) await line.cut();
  }, 60_000);

  const answerTo = async (ticketId: string, settle = true): Promise<ContextRetrieved> => {
    const event = {
      type: "ticket.triaged" as const,
      tenant,
      data: aTriaged({ ticketId, searchText: "The Wi-Fi drops every day at the same time in building 4" }),
    };
    const given = desk.given(event);
    if (settle) await given;
    for (;;) {
      const found = (await desk.published<ContextRetrieved>("context.retrieved")).find(
        ({ data }) => data.ticketId === ticketId,
      );
      if (found !== undefined) return found.data;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it("is answered by them, rebuilds them, answers from Postgres while they are away, and goes on after", async () => {
    await answerTo("tkt_1");
    const usual = await answerTo("tkt_2");
    const both = [
      { leg: "dense", store: "postgres" },
      { leg: "lexical", store: "opensearch" },
      { leg: "identifier", store: "postgres" },
      { leg: "graph", store: "neo4j" },
    ];
    expect(usual).toMatchObject({ outcome: "found", stores: both, neighbours: [{ ticketId: "tkt_1" }] });
    expect(usual.evidence[0]?.legs).toContain("lexical");

    for (const projection of ["search", "graph"])
      expect(await desk.runtime.rebuildProjection(projection)).toMatchObject({ unreadable: 0, refused: 0 });
    const rebuilt = await answerTo("tkt_3");
    expect(rebuilt).toMatchObject({ stores: both, evidence: usual.evidence });
    expect(rebuilt.neighbours?.map(({ ticketId }) => ticketId).toSorted()).toEqual(["tkt_1", "tkt_2"]);

    for (const line of lines) await line.cut();
    const alone = await answerTo("tkt_4", false);
    expect(alone).toMatchObject({ outcome: "found" });
    expect(alone.degraded?.map(({ leg, store }) => [leg, store])).toEqual([
      ["lexical", "opensearch"],
      ["graph", "neo4j"],
    ]);
    expect(alone.evidence.map(({ citation }) => citation.chunkId)).toEqual(
      usual.evidence.map(({ citation }) => citation.chunkId),
    );
    expect(alone.neighbours).toHaveLength(3);

    for (const line of lines) await line.open();
    // What waited is projected, and the breaker closes.
    await desk.settle();
    const deadline = Date.now() + 60_000;
    for (let number = 5; ; number += 1) {
      const again = await answerTo(`tkt_${number}`);
      if (again.degraded === undefined) {
        expect(again.stores).toEqual(both);
        break;
      }
      if (Date.now() > deadline) throw new Error(JSON.stringify(again.degraded));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }, 180_000);
});
