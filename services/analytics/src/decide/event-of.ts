import type { DataOf, EventType, contracts } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";

export type EventOf<T extends EventType> = Envelope<DataOf<Extract<(typeof contracts)[number], { type: T }>>>;

/** What an event says, by its type; the types that are not named say nothing. */
export type ByType<Said> = { readonly [T in EventType]?: (event: EventOf<T>) => Said };

/** The event was decoded by its type's own reader, so that its data are what the entry of its type takes. */
export const saidBy = <Said>(says: ByType<Said>, event: Envelope): Said | undefined =>
  (says as Readonly<Record<string, ((event: Envelope) => Said) | undefined>>)[event.type]?.(event);
