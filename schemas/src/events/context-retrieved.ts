import Type from "typebox";
import { Evidence, Run, ShortText, closed, oneOf, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const contextRetrieved = event(
  "context.retrieved",
  "1.0",
  {
    meaning: "The knowledge that may support an answer, or that there is too little.",
    key: "ticket",
    class: "fact",
    producers: ["retrieval"],
    consumers: ["triage", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    outcome: oneOf("found", "weak", "failed"),
    reason: Type.Optional(ShortText),
    evidence: Type.Array(Evidence, { maxItems: 8 }),
    retrievalPolicy: ShortText,
    runs: Type.Array(Run, { maxItems: 10 }),
  }),
);
export type ContextRetrieved = DataOf<typeof contextRetrieved>;
