import Type from "typebox";
import {
  Actor,
  Channel,
  Id,
  PersonalTitle,
  Priority,
  ReplyText,
  Time,
  Version,
  closed,
  oneOf,
  orNull,
} from "../common.ts";
import { type DataOf, event } from "../event.ts";

/** One field says what to do; its own fields say how. Text never doubles as an action. */
export const Command = Type.Union([
  closed({ type: Type.Literal("assign"), assigneeId: orNull(Id) }),
  closed({ type: Type.Literal("set_priority"), priority: Priority }),
  closed({ type: Type.Literal("set_category"), categoryId: Id }),
  closed({ type: Type.Literal("snooze"), until: Time }),
  closed({ type: Type.Literal("merge"), intoTicketId: Id }),
  closed({ type: Type.Literal("close"), resolution: oneOf("resolved", "closed") }),
  closed({ type: Type.Literal("reopen") }),
  closed({ type: Type.Literal("note"), text: ReplyText }),
  closed({ type: Type.Literal("reply"), text: ReplyText }),
  closed({ type: Type.Literal("follow_up"), title: PersonalTitle, ownerId: Id, dueAt: Time }),
  closed({ type: Type.Literal("complete_follow_up"), followUpId: Id }),
  closed({ type: Type.Literal("log_contact"), channel: Channel, reached: Type.Boolean(), said: ReplyText }),
  closed({ type: Type.Literal("undo_reply"), messageId: Id }),
]);

export const ticketCommandSubmitted = event(
  "ticket.command_submitted",
  "1.0",
  {
    meaning: "A person asks for a change of a ticket.",
    key: "ticket",
    class: "command",
    producers: ["console", "ingest"],
    consumers: ["ingest"],
  },
  closed({
    ticketId: Id,
    actor: Actor,
    /** Refused with `version_conflict` when the ticket has moved on. */
    expectedVersion: Type.Optional(Version),
    command: Command,
  }),
);
export type TicketCommandSubmitted = DataOf<typeof ticketCommandSubmitted>;
