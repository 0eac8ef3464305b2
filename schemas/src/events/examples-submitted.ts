import Type from "typebox";
import { Count, Id, closed } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const examplesSubmitted = event(
  "examples.submitted",
  "1.1",
  {
    meaning: "Labelled texts to learn from, at most 200 an event.",
    key: "tenant",
    class: "fact",
    producers: ["ingest", "evaluation", "console"],
    consumers: ["triage", "evaluation"],
  },
  closed({
    set: Id,
    part: Count,
    parts: Type.Integer({ minimum: 1 }),
    /** The desk that these labels are categories of. Its own event comes by another topic, and may come later. */
    deskVersion: Type.Optional(Count),
    /** A part also ends before the record limit (256 KiB): 200 long texts do not fit. */
    examples: Type.Array(
      closed({ text: Type.String({ minLength: 1, maxLength: 4_000, "x-personal": true }), categoryId: Id }),
      { minItems: 1, maxItems: 200 },
    ),
  }),
);
export type ExamplesSubmitted = DataOf<typeof examplesSubmitted>;
