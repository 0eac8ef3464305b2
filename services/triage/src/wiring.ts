import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { claude } from "./clients/claude.ts";
import { TEMPLATE_ROUTER, templateRouter } from "./clients/template-router.ts";
import { tracedModel } from "./clients/traced-model.ts";
import { workerTrainer } from "./clients/trainer.ts";
import { readConfig } from "./config.ts";
import { answeredBefore } from "./decide/answered-before.ts";
import { draftByRules } from "./decide/draft-by-rules.ts";
import { routingText } from "./decide/learn.ts";
import type { DraftInput, Model, TriageInput } from "./decide/model.ts";
import { questions } from "./decide/questions.ts";
import { triageByRules } from "./decide/triage-by-rules.ts";
import { responseTemplateSelect } from "./jobs/response-template-select.ts";
import { routerTrain } from "./jobs/router-train.ts";
import { suggestFollowup } from "./jobs/suggest-followup.ts";
import { triageTicket } from "./jobs/triage-ticket.ts";
import { subscriptions } from "./subscriptions.ts";

export const triageService = service({
  name: "triage",
  schema: "triage",
  migrations: new URL("../migrations/", import.meta.url),
  configure: readConfig,
  wire: ({ jobsMax, model: chosen, routerSeed }, { blobs, database }) => {
    const desks = desksIn("triage", blobs);
    const model: Model =
      chosen === TEMPLATE_ROUTER
        ? tracedModel(
            templateRouter<TriageInput, DraftInput>(blobs, {
              routingText,
              triage: triageByRules,
              draft: draftByRules,
            }),
            "opsdesk",
          )
        : tracedModel(claude(chosen, questions), "anthropic");
    let answered = answeredBefore([]);
    const before = () => answered;
    return {
      recovering: (facts) => void (answered = answeredBefore(facts)),
      handlers: subscriptions(desks),
      // For the operator's routes: triage has none of its own.
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
      jobs: [
        triageTicket({ model, desks, concurrency: jobsMax, before }),
        responseTemplateSelect({ model, desks, concurrency: jobsMax, before }),
        suggestFollowup({ desks }),
        routerTrain({ trainer: workerTrainer(), blobs, desks, seed: routerSeed }),
      ],
    };
  },
});
