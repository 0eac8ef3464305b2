import Type from "typebox";
import { Count, Id, Problem, Share, Time, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const evaluationCompleted = event(
  "evaluation.completed",
  "1.0",
  {
    meaning: "The golden scenarios were run; how the desk did.",
    key: "tenant",
    class: "fact",
    producers: ["evaluation"],
    consumers: ["triage", "retrieval", "safety-gate", "console"],
  },
  closed({
    runId: Id,
    scenarios: Count,
    passed: Count,
    scores: closed({
      citationPrecision: orNull(Share),
      citationRecall: orNull(Share),
      hallucinationRate: orNull(Share),
      factRecall: orNull(Share),
      latencyMsP50: Type.Number({ minimum: 0 }),
      latencyMsP95: Type.Number({ minimum: 0 }),
      costMicros: Count,
    }),
    /** The first hundred, five problems each: the event stays under the record limit. `scenarios - passed` counts them all. */
    failures: Type.Array(closed({ scenarioId: Id, problems: Type.Array(Problem, { maxItems: 5 }) }), { maxItems: 100 }),
    startedAt: Time,
    completedAt: Time,
  }),
);
export type EvaluationCompleted = DataOf<typeof evaluationCompleted>;
