import { desksIn } from "@opsdesk/desk";
import { isoTime } from "@opsdesk/messaging";
import { service } from "@opsdesk/service";
import { localEmbeddings } from "./clients/embeddings.ts";
import type { GraphSearch, GraphStore } from "./clients/graph.ts";
import type { LexicalSearch } from "./clients/lexical.ts";
import { neo4jGraph } from "./clients/neo4j-graph.ts";
import { neo4jSearch } from "./clients/neo4j-search.ts";
import { openSearchIndex } from "./clients/opensearch-index.ts";
import { openSearch } from "./clients/opensearch-search.ts";
import type { SearchIndex } from "./clients/search-index.ts";
import { type Config, readConfig } from "./config.ts";
import { RETRIEVAL_V1 } from "./decide/retrieval-policy.ts";
import { guarded } from "./guarded.ts";
import { knowledgeRoutes } from "./http/routes.ts";
import { knowledgeIngest } from "./jobs/knowledge-ingest.ts";
import { retrieveContext } from "./jobs/retrieve-context.ts";
import { graphProjection } from "./projections/graph.ts";
import { searchProjection } from "./projections/search-index.ts";
import { subscriptions } from "./subscriptions.ts";
import { nothingByWords, nothingNearby, warmUp } from "./warm-up.ts";

interface Closing {
  close(): Promise<void>;
}

/** Stores beside Postgres, one to read from and one to fill of each; absent where Postgres does their work. */
interface Stores {
  readonly lexical?: { readonly search: LexicalSearch & Closing; readonly index: SearchIndex } | undefined;
  readonly graph?: { readonly search: GraphSearch & Closing; readonly store: GraphStore } | undefined;
}

const storesOf = ({ neo4j, openSearch: search }: Config): Stores => ({
  lexical: search && { search: openSearch(search), index: openSearchIndex(search) },
  graph: neo4j && { search: neo4jSearch(neo4j), store: neo4jGraph(neo4j) },
});

/** Finds what supports an answer: owns the desk's knowledge, its versions and its index. */
export const retrievalOn = (chosen: (config: Config) => Stores) =>
  service({
    name: "retrieval",
    schema: "retrieval",
    migrations: new URL("../migrations/", import.meta.url),
    configure: readConfig,
    wire: (config, { database, blobs, clock, log, offer }) => {
      const policy = RETRIEVAL_V1;
      const embeddings = localEmbeddings;
      const desks = desksIn("retrieval", blobs);
      const guard = (store: string) =>
        guarded({
          deadlineMs: config.storeTimeoutMs,
          // A deadline is real time, whatever time decisions see.
          now: () => performance.now(),
          onTrouble: (reason, err) => log.warn({ err, store, reason }, "Postgres answers instead"),
        });
      const stores = chosen(config);
      const stopping = new AbortController();
      const lexical = stores.lexical && { search: stores.lexical.search, guard: guard("opensearch") };
      const graph = stores.graph && { search: stores.graph.search, guard: guard("neo4j") };
      return {
        handlers: subscriptions(desks, policy),
        jobs: [
          knowledgeIngest({ blobs, embeddings, clock }),
          retrieveContext({ embeddings, clock, policy, lexical, graph, storm: config.storm }),
        ],
        projections: {
          ...(stores.lexical && { search: searchProjection({ database, index: stores.lexical.index, clock }) }),
          ...(stores.graph && { graph: graphProjection({ database, graph: stores.graph.store }) }),
        },
        routes: knowledgeRoutes({ database, blobs, clock, offer, embeddings, policy, desks, lexical }),
        keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
        start: () => {
          const now = isoTime(clock);
          if (stores.lexical !== undefined) void warmUp(nothingByWords(stores.lexical.search, now), stopping.signal);
          if (stores.graph !== undefined) void warmUp(nothingNearby(stores.graph.search, now), stopping.signal);
          return Promise.resolve();
        },
        stop: async () => {
          stopping.abort();
          const open = [stores.lexical?.search, stores.lexical?.index, stores.graph?.search, stores.graph?.store];
          for (const one of open) await one?.close();
        },
      };
    },
  });

export const retrievalService = retrievalOn(storesOf);
