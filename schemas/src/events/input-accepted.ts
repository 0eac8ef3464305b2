import Type from "typebox";
import { PersonalBlobRef, ShortText, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const inputAccepted = event(
  "input.accepted",
  "1.0",
  {
    meaning: "What a service was asked by HTTP and has carried out, so that a lost slice can be made up for.",
    key: "original",
    class: "command",
    producers: ["ingest", "retrieval", "safety-gate", "webhook", "evaluation"],
    // No service in its normal work: only its recovery after a restore reads what it once accepted.
    consumers: [],
  },
  closed({
    handler: ShortText,
    /** The whole event that the handler was given; null where it is larger than a record may be. */
    input: orNull(Type.Record(Type.String(), Type.Unknown(), { maxProperties: 50, "x-personal": true })),
    /** Then its JSON is kept here. */
    inputRef: orNull(PersonalBlobRef),
  }),
);
export type InputAccepted = DataOf<typeof inputAccepted>;
