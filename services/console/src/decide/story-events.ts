import type { EventType } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { EventOf } from "./projection.ts";

/** An event as it was kept, with its place in the projection. */
export interface KeptEvent {
  readonly position: number;
  readonly event: Envelope;
}

/** Which of the events of one moment comes first: the order of the flow. */
const FLOW: readonly EventType[] = [
  "ticket.created",
  "enquiry.accepted",
  "ticket.message_added",
  "document.extracted",
  "ticket.triaged",
  "followup.suggested",
  "context.retrieved",
  "ai.draft.proposed",
  "ai.draft.auto_approved",
  "ai.draft.review_required",
  "ai.draft.decision_refused",
  "ai.draft.reviewed",
  "ai.draft.retired",
  "reply.sent",
  "reply.failed",
  "ticket.changed",
  "contact.logged",
  "followup.changed",
  "webhook.delivered",
  "webhook.failed",
];
const rankOf = ({ type }: Envelope): number => {
  const rank = (FLOW as readonly string[]).indexOf(type);
  return rank === -1 ? FLOW.length : rank;
};

/** A story is told by the time at which things happened, never by when they were heard: a rebuild tells the same one. */
export const inOrder = (kept: readonly KeptEvent[]): readonly KeptEvent[] =>
  kept.toSorted(
    ({ event: a }, { event: b }) =>
      Date.parse(a.time) - Date.parse(b.time) || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1),
  );

/** The events of one type, in the order given. They were checked against their contract before they were kept. */
export const ofType = <T extends EventType>(events: readonly Envelope[], type: T): readonly EventOf<T>[] =>
  events.filter((event) => event.type === type) as unknown as readonly EventOf<T>[];
