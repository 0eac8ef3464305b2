import { Count, Hash, Id, ShortText, Version, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const knowledgeSourceIndexed = event(
  "knowledge.source_indexed",
  "1.0",
  {
    meaning: "A source's version is searchable.",
    key: "source",
    class: "fact",
    producers: ["retrieval"],
    consumers: ["retrieval", "safety-gate", "ingest", "console"],
  },
  closed({
    sourceId: Id,
    version: Version,
    contentHash: Hash,
    title: ShortText,
    chunks: Count,
    supersedes: orNull(Version),
  }),
);
export type KnowledgeSourceIndexed = DataOf<typeof knowledgeSourceIndexed>;
