import Type from "typebox";
import {
  Id,
  MissingInformation,
  Priority,
  Risk,
  Run,
  Share,
  ShortText,
  closed,
  oneOf,
  orNull,
  ticketRef,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const ticketTriaged = event(
  "ticket.triaged",
  "1.0",
  {
    meaning: "What the enquiry is about, how urgent it is, what is missing and what is risky.",
    key: "ticket",
    class: "fact",
    producers: ["triage"],
    consumers: ["retrieval", "ingest", "console", "analytics"],
  },
  closed({
    ...ticketRef,
    outcome: oneOf("triaged", "abstained", "failed"),
    reason: Type.Optional(ShortText),
    categoryId: orNull(Id),
    confidence: Share,
    outOfScope: Type.Boolean(),
    ranking: Type.Array(closed({ categoryId: Id, confidence: Share }), { maxItems: 5 }),
    priority: Priority,
    summary: Type.String({ maxLength: 600, "x-personal": true }),
    missingInformation: Type.Array(MissingInformation, { maxItems: 20 }),
    risks: Type.Array(Risk, { maxItems: 20 }),
    language: ShortText,
    /** What retrieval searches for: subject and words of the enquiry. */
    searchText: Type.String({ maxLength: 4_000, "x-personal": true }),
    runs: Type.Array(Run, { maxItems: 10 }),
  }),
);
export type TicketTriaged = DataOf<typeof ticketTriaged>;
