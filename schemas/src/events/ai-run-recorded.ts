import { Id, Run, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const aiRunRecorded = event(
  "ai.run.recorded",
  "1.0",
  {
    meaning: "A run that no other event carries.",
    key: "tenant",
    class: "fact",
    producers: ["triage", "retrieval", "evaluation"],
    consumers: ["evaluation", "console", "analytics"],
  },
  closed({ ticketId: orNull(Id), run: Run }),
);
export type AiRunRecorded = DataOf<typeof aiRunRecorded>;
