import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { localEmbeddings } from "./clients/embeddings.ts";
import { neo4jGraph } from "./clients/neo4j-graph.ts";
import { neo4jSearch } from "./clients/neo4j-search.ts";
import { openSearchIndex } from "./clients/opensearch-index.ts";
import { openSearch } from "./clients/opensearch-search.ts";
import { readConfig } from "./config.ts";
import { RETRIEVAL_V1 } from "./decide/retrieval-policy.ts";
import { guarded } from "./guarded.ts";
import { knowledgeRoutes } from "./http/routes.ts";
import { knowledgeIngest } from "./jobs/knowledge-ingest.ts";
import { retrieveContext } from "./jobs/retrieve-context.ts";
import { graphProjection } from "./projections/graph.ts";
import { searchProjection } from "./projections/search-index.ts";
import { subscriptions } from "./subscriptions.ts";

/** Finds what supports an answer: owns the desk's knowledge, its versions and its index. */
export const retrievalService = service({
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
    const index = config.openSearch && openSearchIndex(config.openSearch);
    const words = config.openSearch && openSearch(config.openSearch);
    const lexical = words && { search: words, guard: guard("opensearch") };
    const graphStore = config.neo4j && neo4jGraph(config.neo4j);
    const paths = config.neo4j && neo4jSearch(config.neo4j);
    const graph = paths && { search: paths, guard: guard("neo4j") };
    return {
      handlers: subscriptions(desks, policy),
      jobs: [
        knowledgeIngest({ blobs, embeddings, clock }),
        retrieveContext({ embeddings, clock, policy, lexical, graph, storm: config.storm }),
      ],
      projections: {
        ...(index && { search: searchProjection({ database, index, clock }) }),
        ...(graphStore && { graph: graphProjection({ database, graph: graphStore }) }),
      },
      routes: knowledgeRoutes({ database, blobs, clock, offer, embeddings, policy, desks, lexical }),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
      stop: async () => {
        await Promise.all([index?.close(), words?.close(), graphStore?.close(), paths?.close()]);
      },
    };
  },
});
