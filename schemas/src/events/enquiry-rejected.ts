import Type from "typebox";
import { Id, Problem, ShortText, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const enquiryRejected = event(
  "enquiry.rejected",
  "1.0",
  {
    meaning: "The enquiry cannot be accepted as it is, and why.",
    key: "thread",
    class: "fact",
    producers: ["ingest"],
    consumers: ["upstream", "console"],
  },
  closed({
    source: ShortText,
    externalId: orNull(Id),
    reasons: Type.Array(Problem, { minItems: 1, maxItems: 50 }),
  }),
);
export type EnquiryRejected = DataOf<typeof enquiryRejected>;
