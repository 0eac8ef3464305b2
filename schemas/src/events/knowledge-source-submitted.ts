import Type from "typebox";
import { BlobRef, Hash, Id, ShortText, Text, Time, eitherOf, oneOf, openOneOf } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const knowledgeSourceSubmitted = event(
  "knowledge.source_submitted",
  "1.0",
  {
    meaning: "A document that the desk may quote, in its newest form.",
    key: "source",
    class: "command",
    producers: ["console", "ingest", "retrieval"],
    consumers: ["retrieval"],
  },
  eitherOf("content", "blob", {
    sourceId: Id,
    title: ShortText,
    uri: Type.String({ maxLength: 2_000 }),
    kind: openOneOf("policy", "playbook", "faq", "document"),
    product: Type.Optional(ShortText),
    site: Type.Optional(ShortText),
    locale: Type.String({ pattern: "^[a-z]{2}$" }),
    audience: openOneOf("customer", "staff"),
    validFrom: Type.Optional(Time),
    validTo: Type.Optional(Time),
    contentType: oneOf("text/markdown", "text/plain"),
    contentHash: Hash,
    /** Inline up to 64 KiB, otherwise in the blob store. */
    content: Type.Optional(Text),
    blob: Type.Optional(BlobRef),
  }),
);
export type KnowledgeSourceSubmitted = DataOf<typeof knowledgeSourceSubmitted>;
