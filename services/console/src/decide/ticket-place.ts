import type { StoryFields } from "./projection.ts";

/** The number in a reference (`OD-1025`): what lists are ordered by. */
export const numberIn = (reference: string): number | null => {
  const digits = /(\d{1,15})$/.exec(reference)?.[1];
  return digits === undefined ? null : Number(digits);
};

interface TicketEvent {
  readonly time: string;
  readonly data: {
    readonly ticketId: string;
    readonly reference: string;
    readonly aggregateVersion: number;
    readonly conversationVersion: number;
  };
}

/** What every event of a ticket says by its place alone. */
export const PLACE = [
  "reference",
  "referenceNumber",
  "aggregateVersion",
  "conversationVersion",
  "lastActivityAt",
] as const;

export const placeOf = ({
  time,
  data,
}: TicketEvent): Pick<StoryFields, (typeof PLACE)[number]> & { readonly ticketId: string } => ({
  ticketId: data.ticketId,
  reference: data.reference,
  referenceNumber: numberIn(data.reference),
  aggregateVersion: data.aggregateVersion,
  conversationVersion: data.conversationVersion,
  lastActivityAt: time,
});
