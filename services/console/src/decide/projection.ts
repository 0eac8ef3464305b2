import type { DataOf, EventType, contracts } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";

/**
 * Terms. A projection turns one event into a row of `events` and, where it says something about a ticket or a draft,
 * a patch of that one row. Patches merge in any order to the same row, so topics may arrive as they like:
 * - a *stamped* group holds the values of the event with the greatest stamp (`first`: the least);
 * - a *once* value is the same in every event that carries it;
 * - times are the earliest (milestones) or the latest (activity), counters are added up.
 * Null means "this event says nothing about it"; in a stamped group a null stamp does.
 */
export type EventOf<T extends EventType> = Envelope<DataOf<Extract<(typeof contracts)[number], { type: T }>>>;

interface EventRow {
  readonly tenant: string;
  readonly ticketId: string | null;
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly body: string;
}

/** What an event may say about its ticket. */
export interface StoryFields {
  readonly reference: string | null;
  readonly referenceNumber: number | null;
  readonly correlationId: string | null;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly channel: string | null;
  readonly customerId: string | null;
  readonly customerName: string | null;
  readonly subject: string | null;
  readonly aggregateVersion: number | null;
  readonly conversationVersion: number | null;
  readonly lastActivityAt: string | null;
  readonly status: string | null;
  readonly statusStamp: string | null;
  readonly priority: string | null;
  readonly priorityStamp: string | null;
  readonly categoryId: string | null;
  readonly categoryStamp: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly ownerStamp: string | null;
  readonly assigneeId: string | null;
  readonly assigneeStamp: string | null;
  readonly responseDueAt: string | null;
  readonly dueStamp: string | null;
  readonly messages: number;
  readonly runs: number;
  readonly costMicros: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMicros: number;
  readonly deliveries: number;
  readonly deliveriesFailed: number;
  readonly openedAt: string | null;
  readonly triagedAt: string | null;
  readonly retrievedAt: string | null;
  readonly proposedAt: string | null;
  readonly gatedAt: string | null;
  readonly notifiedAt: string | null;
  readonly decidedAt: string | null;
  readonly repliedAt: string | null;
  readonly contactedAt: string | null;
  readonly closedAt: string | null;
}

/** What an event may say about a draft of its ticket. */
export interface DraftFields {
  readonly reference: string | null;
  readonly conversationVersion: number | null;
  readonly outcome: string | null;
  readonly outcomeReason: string | null;
  readonly proposedAt: string | null;
  readonly autoApprovedAt: string | null;
  readonly reviewId: string | null;
  readonly requiredEventId: string | null;
  readonly correlationId: string | null;
  readonly categoryId: string | null;
  readonly categoryName: string | null;
  readonly priority: string | null;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly dueBy: string | null;
  readonly fingerprint: string | null;
  readonly sendable: boolean | null;
  readonly requiredAt: string | null;
  readonly decision: string | null;
  readonly decisionId: string | null;
  readonly decidedById: string | null;
  readonly decidedByName: string | null;
  readonly decidedVia: string | null;
  readonly decidedAt: string | null;
  readonly decisionStamp: string | null;
  readonly appliedAt: string | null;
  readonly retiredReason: string | null;
  readonly retiredDetail: string | null;
  readonly retiredAt: string | null;
  readonly retiredStamp: string | null;
}

interface StoryKey {
  readonly tenant: string;
  readonly ticketId: string;
}
interface DraftKey extends StoryKey {
  readonly draftId: string;
}
type StoryPatch = StoryKey & Partial<StoryFields>;
type DraftPatch = DraftKey & Partial<DraftFields>;

export interface Projected {
  readonly event: EventRow;
  readonly story?: StoryPatch;
  readonly draft?: DraftPatch;
}

/** What one type of event does to the read model. */
export interface Projection {
  readonly type: EventType;
  /** The fields that its patches may hold: a batch's statement has these columns and no others. */
  readonly story: readonly (keyof StoryFields)[];
  readonly draft: readonly (keyof DraftFields)[];
  readonly project: (event: Envelope) => Projected;
}

interface Patches<S extends keyof StoryFields, D extends keyof DraftFields> {
  /** Null where this event names no ticket, or no draft. */
  readonly story?: (Pick<StoryFields, S> & { readonly ticketId: string }) | null;
  readonly draft?: (Pick<DraftFields, D> & { readonly ticketId: string; readonly draftId: string }) | null;
}

/** Declares the projection of a type; the compiler holds its patches to the fields it names. */
export function projection<
  T extends EventType,
  const S extends keyof StoryFields = never,
  const D extends keyof DraftFields = never,
>(
  type: T,
  fields: { readonly story?: readonly S[]; readonly draft?: readonly D[] },
  patches: (event: EventOf<T>) => Patches<S, D>,
  stored: (event: EventOf<T>) => unknown = (event) => event,
): Projection {
  return {
    type,
    story: fields.story ?? [],
    draft: fields.draft ?? [],
    project: (given) => {
      // The runtime hands a handler events of its own type only, checked against their contract.
      const event = given as EventOf<T>;
      const { story, draft } = patches(event);
      const tenant = event.tenantid;
      return {
        event: eventRow(given, stored(event)),
        ...(story === undefined || story === null ? {} : { story: { tenant, ...story } }),
        ...(draft === undefined || draft === null ? {} : { draft: { tenant, ...draft } }),
      };
    },
  };
}

/** The event as it is kept. `stored` is the envelope, or what of it may be shown to whoever reads events. */
const eventRow = (event: Envelope, stored: unknown = event): EventRow => ({
  tenant: event.tenantid,
  ticketId: ticketOf(event.data),
  eventId: event.id,
  type: event.type,
  occurredAt: event.time,
  correlationId: event.correlationid,
  causationId: event.causationid ?? null,
  body: JSON.stringify(stored),
});

const ticketOf = (data: unknown): string | null =>
  typeof data === "object" && data !== null && "ticketId" in data && typeof data.ticketId === "string"
    ? data.ticketId
    : null;
