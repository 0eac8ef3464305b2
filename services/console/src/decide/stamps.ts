/**
 * Stamps order what events say of one thing. They compare as ASCII text; the event's id at the end makes them total,
 * so that every arrival order ends in the same row.
 */
const WIDTH = 12;
const padded = (version: number): string => String(version).padStart(WIDTH, "0");

/** By the ticket's version. */
export const byVersion = (version: number, eventId: string): string => `${padded(version)}:${eventId}`;

/** What a person has set stands above triage, and triage above how the ticket came in. */
export type Author = "arrival" | "triage" | "command";
const RANK: Readonly<Record<Author, number>> = { arrival: 1, triage: 2, command: 3 };
export const byAuthor = (author: Author, version: number, eventId: string): string =>
  `${RANK[author]}:${padded(version)}:${eventId}`;

/** By time, for what happens once and counts once: the least is kept. Times are brought to one form before they compare. */
export const byTime = (time: string, eventId: string): string => `${new Date(time).toISOString()}:${eventId}`;
