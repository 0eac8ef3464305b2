import type { EventType } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { EventOf } from "./projection.ts";

/** An event as it was kept, with its place in the projection. */
export interface KeptEvent {
  readonly position: number;
  readonly event: Envelope;
}

/** A story is told by the time at which things happened; what happened at once, in the order in which it was heard. */
export const inOrder = (kept: readonly KeptEvent[]): readonly KeptEvent[] =>
  kept.toSorted((a, b) => Date.parse(a.event.time) - Date.parse(b.event.time) || a.position - b.position);

/** The events of one type, in the order given. They were checked against their contract before they were kept. */
export const ofType = <T extends EventType>(events: readonly Envelope[], type: T): readonly EventOf<T>[] =>
  events.filter((event) => event.type === type) as unknown as readonly EventOf<T>[];
