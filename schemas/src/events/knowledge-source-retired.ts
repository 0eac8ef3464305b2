import { Id, Version, closed, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const knowledgeSourceRetired = event(
  "knowledge.source_retired",
  "1.0",
  {
    meaning: "A source may no longer be quoted.",
    key: "source",
    class: "fact",
    producers: ["retrieval"],
    consumers: ["retrieval", "safety-gate", "ingest", "console"],
  },
  closed({ sourceId: Id, version: Version, reason: openOneOf("removed", "expired", "permission") }),
);
export type KnowledgeSourceRetired = DataOf<typeof knowledgeSourceRetired>;
