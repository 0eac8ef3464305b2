import { Actor, Id, PersonalTitle, closed, orNull } from "../common.ts";
import { type DataOf, event } from "../event.ts";

export const commandRefused = event(
  "command.refused",
  "1.0",
  {
    meaning: "An owner refused a command, and why.",
    key: "tenant",
    class: "fact",
    producers: ["ingest", "retrieval", "safety-gate", "webhook", "evaluation"],
    consumers: ["console"],
  },
  closed({ commandId: Id, ticketId: orNull(Id), actor: Actor, command: Id, code: Id, message: PersonalTitle }),
);
export type CommandRefused = DataOf<typeof commandRefused>;
