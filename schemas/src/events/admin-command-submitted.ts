import Type from "typebox";
import { Actor, Id, closed, oneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const adminCommandSubmitted = event(
  "admin.command_submitted",
  "1.0",
  {
    meaning: "An administrator asks an owner for a change.",
    key: "tenant",
    class: "command",
    producers: ["console"],
    consumers: ["ingest", "retrieval", "safety-gate", "webhook", "evaluation"],
  },
  closed({
    actor: Actor,
    target: oneOf("endpoint", "policy", "prompt", "rollout", "source"),
    command: Id,
    /** Checked by the owner of `target`; may name people (an endpoint's contact). */
    arguments: Type.Record(Type.String(), Type.Unknown(), { maxProperties: 50, "x-personal": true }),
  }),
);
export type AdminCommandSubmitted = DataOf<typeof adminCommandSubmitted>;
