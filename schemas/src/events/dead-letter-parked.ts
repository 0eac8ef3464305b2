import Type from "typebox";
import { Count, Id, ShortText, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const deadLetterParked = event(
  "dead_letter.parked",
  "1.0",
  {
    meaning: "A record could not be processed and waits for an operator.",
    key: "original",
    class: "operational",
    producers: ["ingest", "triage", "retrieval", "safety-gate", "webhook", "evaluation", "console", "analytics"],
    consumers: ["console", "analytics"],
  },
  closed({
    deadLetterId: Id,
    service: ShortText,
    consumer: ShortText,
    topic: ShortText,
    partition: Count,
    offset: Type.String({ maxLength: 30 }),
    eventId: orNull(Id),
    eventType: orNull(Id),
    code: Id,
    message: ShortText,
  }),
);
export type DeadLetterParked = DataOf<typeof deadLetterParked>;
