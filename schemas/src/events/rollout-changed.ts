import Type from "typebox";
import { Actor, Id, closed, oneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

const RolloutTarget = oneOf("prompt", "retrieval_policy", "gate_policy", "router");

export const rolloutChanged = event(
  "rollout.changed",
  "1.0",
  {
    meaning: "Which share of tickets gets which version of a prompt or policy.",
    key: "tenant",
    class: "state",
    producers: ["evaluation"],
    consumers: ["triage", "retrieval", "safety-gate", "console"],
  },
  closed({
    rolloutId: Id,
    target: RolloutTarget,
    version: Id,
    sharePercent: Type.Integer({ minimum: 0, maximum: 100 }),
    actor: Actor,
    /** Every rollout that holds from now on: the topic is compacted by tenant, so the newest event must say it all. */
    inForce: Type.Array(
      closed({
        rolloutId: Id,
        target: RolloutTarget,
        version: Id,
        sharePercent: Type.Integer({ minimum: 0, maximum: 100 }),
      }),
      { maxItems: 20 },
    ),
  }),
);
export type RolloutChanged = DataOf<typeof rolloutChanged>;
