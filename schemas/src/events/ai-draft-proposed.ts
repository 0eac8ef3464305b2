import Type from "typebox";
import { Channel, Customer, Evidence, Hash, Id, MissingInformation, PersonalShort, Priority, Risk, Run, Sentence, Share, ShortText, Slot, closed, oneOf, orNull, ticketRef } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiDraftProposed = event(
  "ai.draft.proposed",
  "1.0",
  {
    meaning: "Triage has ended for this conversation version: with a draft, or with the reason for none.",
    key: "ticket",
    class: "fact",
    producers: ["triage"],
    consumers: ["safety-gate", "ingest", "console"],
  },
  closed({
    ...ticketRef,
    draftId: Id,
    outcome: oneOf("proposed", "abstained", "failed", "not_run"),
    reason: Type.Optional(ShortText),
    source: ShortText,
    externalId: orNull(Id),
    channel: Channel,
    customer: Customer,
    subject: PersonalShort,
    automatic: Type.Boolean(),
    templateId: orNull(Id),
    templateVersion: orNull(Hash),
    sentences: Type.Array(Sentence, { maxItems: 100 }),
    slots: Type.Array(Slot, { maxItems: 20 }),
    categoryId: orNull(Id),
    outOfScope: Type.Boolean(),
    priority: Priority,
    summary: Type.String({ maxLength: 600, "x-personal": true }),
    missingInformation: Type.Array(MissingInformation, { maxItems: 20 }),
    risks: Type.Array(Risk, { maxItems: 20 }),
    confidence: Share,
    language: ShortText,
    evidence: Type.Array(Evidence, { maxItems: 8 }),
    model: ShortText,
    promptVersion: ShortText,
    runs: Type.Array(Run, { maxItems: 10 }),
  }),
);
export type AiDraftProposed = DataOf<typeof aiDraftProposed>;
