import { readConfig } from "./config.ts";

describe("readConfig", () => {
  it("needs nothing, and then uses Postgres alone", () =>
    expect(readConfig({})).toEqual({
      embeddings: "local",
      openSearch: undefined,
      neo4j: undefined,
      storeTimeoutMs: 400,
      storm: { windowMinutes: 40, ticketsMin: { site: 5, asset: 5, category: 0 } },
    }));
  it("takes the addresses of other stores", () =>
    expect(
      readConfig({
        OPENSEARCH_URL: "http://search:9200",
        NEO4J_URL: "bolt://graph:7687",
        NEO4J_PASSWORD: "p",
        STORM_SITE_TICKETS_MIN: "3",
      }),
    ).toMatchObject({
      openSearch: { url: "http://search:9200", prefix: "opsdesk" },
      neo4j: { url: "bolt://graph:7687", user: "neo4j", password: "p", name: "opsdesk" },
      storm: { ticketsMin: { site: 3 } },
    }));
  it("lists every problem at once", () =>
    expect(() =>
      readConfig({
        EMBEDDINGS_URL: "http://x.test",
        OPENSEARCH_URL: "search:9200",
        OPENSEARCH_INDEX_PREFIX: "Ops Desk",
        NEO4J_URL: "http://graph",
        SEARCH_TIMEOUT_MS: "soon",
        STORM_WINDOW_MINUTES: "0",
      }),
    ).toThrow(
      /EMBEDDINGS_URL.*OPENSEARCH_URL.*OPENSEARCH_INDEX_PREFIX.*NEO4J_URL.*NEO4J_PASSWORD.*SEARCH_TIMEOUT_MS.*STORM_WINDOW_MINUTES/s,
    ));
});
