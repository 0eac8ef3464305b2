import type { Book } from "./book.ts";
import type { DeskView } from "./desk-view.ts";
import type { FollowUp, StoredMessage } from "./ticket.ts";

/** A message as far as an undo needs it. */
export type QueuedReply = Pick<
  StoredMessage,
  "tenant" | "messageId" | "ticketId" | "kind" | "state" | "sendAfter" | "at"
>;

export interface CommandState extends Book {
  readonly desks: ReadonlyMap<string, DeskView>;
  /** The messages and follow-ups that the batch's commands name, by tenant and id. */
  readonly replies: Map<string, QueuedReply>;
  readonly followUps: Map<string, FollowUp>;
}
