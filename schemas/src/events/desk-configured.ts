import Type from "typebox";
import { BlobRef, Hash, Version, eitherOf } from "../common.ts";
import { Desk } from "../desk.ts";
import { type DataOf, event } from "../event.ts";

export const deskConfigured = event(
  "desk.configured",
  "1.0",
  {
    meaning: "The desk's configuration changed: the whole of it, in its newest version.",
    key: "tenant",
    class: "state",
    producers: ["ingest"],
    consumers: ["triage", "retrieval", "safety-gate", "webhook", "evaluation", "console"],
  },
  eitherOf("desk", "blob", {
    version: Version,
    contentHash: Hash,
    /** Absent when the desk is larger than 128 KiB; `blob` then holds it. */
    desk: Type.Optional(Desk),
    blob: Type.Optional(BlobRef),
  }),
);
export type DeskConfigured = DataOf<typeof deskConfigured>;
