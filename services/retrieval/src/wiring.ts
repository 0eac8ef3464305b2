import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { localEmbeddings } from "./clients/embeddings.ts";
import { readConfig } from "./config.ts";
import { RETRIEVAL_V1 } from "./decide/retrieval-policy.ts";
import { knowledgeRoutes } from "./http/routes.ts";
import { knowledgeIngest } from "./jobs/knowledge-ingest.ts";
import { retrieveContext } from "./jobs/retrieve-context.ts";
import { subscriptions } from "./subscriptions.ts";

/** Finds what supports an answer: owns the desk's knowledge, its versions and its index. */
export const retrievalService = service({
  name: "retrieval",
  schema: "retrieval",
  migrations: new URL("../migrations/", import.meta.url),
  configure: readConfig,
  wire: (_config, { database, blobs, clock, offer }) => {
    const policy = RETRIEVAL_V1;
    const embeddings = localEmbeddings;
    const desks = desksIn("retrieval", blobs);
    return {
      handlers: subscriptions(desks, policy),
      jobs: [knowledgeIngest({ blobs, embeddings, clock }), retrieveContext({ embeddings, clock, policy })],
      routes: knowledgeRoutes({ database, blobs, clock, offer, embeddings, policy, desks }),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
    };
  },
});
