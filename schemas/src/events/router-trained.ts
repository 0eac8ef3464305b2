import Type from "typebox";
import { Count, Hash, Id, Share, closed } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const routerTrained = event(
  "router.trained",
  "1.0",
  {
    meaning: "A new router model is in use.",
    key: "tenant",
    class: "state",
    producers: ["triage"],
    consumers: ["evaluation", "console"],
  },
  closed({
    modelId: Id,
    artefactHash: Hash,
    trainedOn: Count,
    categories: Count,
    heldOut: closed({ accuracy: Share, ece: Share, n: Count }),
    trainingMs: Type.Number({ minimum: 0 }),
  }),
);
export type RouterTrained = DataOf<typeof routerTrained>;
