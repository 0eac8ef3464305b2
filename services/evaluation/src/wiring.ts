import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { readConfig } from "./config.ts";
import { evaluationRoutes } from "./http/routes.ts";
import { agentEvaluate } from "./jobs/agent-evaluate.ts";
import { agentScore } from "./jobs/agent-score.ts";
import { subscriptions } from "./subscriptions.ts";

/** Whether the agent is good enough to be trusted with more: golden scenarios, run through the real services in the shadow. */
export const evaluationService = service({
  name: "evaluation",
  schema: "evaluation",
  migrations: new URL("../migrations/", import.meta.url),
  // Nobody waits for what it learns.
  patienceMs: 500,
  configure: readConfig,
  wire: ({ deadlineSeconds }, { database, blobs, offer }) => {
    const desks = desksIn("evaluation", blobs);
    return {
      handlers: subscriptions(desks, deadlineSeconds),
      jobs: [agentEvaluate(), agentScore()],
      routes: evaluationRoutes({ database, desks, offer }),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
    };
  },
});
