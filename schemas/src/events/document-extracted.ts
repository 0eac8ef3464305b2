import Type from "typebox";
import { Id, Personal, PersonalBlobRef, PersonalShort, closed, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const documentExtracted = event(
  "document.extracted",
  "1.0",
  {
    meaning: "A ticket's document has been read; its text is part of the conversation.",
    key: "ticket",
    class: "fact",
    producers: ["ingest"],
    consumers: ["triage", "retrieval", "console"],
  },
  closed({
    ...ticketRef,
    documentId: Id,
    name: PersonalShort,
    blob: PersonalBlobRef,
    text: Personal,
    truncated: Type.Boolean(),
  }),
);
export type DocumentExtracted = DataOf<typeof documentExtracted>;
