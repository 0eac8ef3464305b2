/**
 * What is known of one document, in a form where the order and the number of arrivals do not matter.
 *
 * Every event gives a small fold, and `join` of two folds takes, field by field, the greater stamp, the lesser stamp,
 * or the union. Each of these is commutative, associative and idempotent, as long as equal stamps have equal values:
 * stamps therefore end with the event's id, and events never change.
 */
export interface Fold<Document> {
  /** What the document is about: equal in every fold of it. */
  readonly is?: Partial<Document>;
  /** The value with the greatest stamp. */
  readonly last?: Registers<Document>;
  /** The value with the least stamp. */
  readonly first?: Registers<Document>;
  /** Amounts by the id of what they were counted for: each counts once. The field is their sum. */
  readonly sum?: { readonly [K in keyof Document]?: Readonly<Record<string, number>> };
}

type Registers<Document> = { readonly [K in keyof Document]?: Register<Document[K]> };
type Register<Value> = readonly [stamp: string, value: Value];

type Untyped = Readonly<Record<string, Register<unknown> | undefined>>;
type Sums = Readonly<Record<string, Readonly<Record<string, number>> | undefined>>;
interface UntypedFold {
  readonly is?: object;
  readonly last?: Untyped;
  readonly first?: Untyped;
  readonly sum?: Sums;
}

export const join = <Document>(one: Fold<Document>, other: Fold<Document>): Fold<Document> =>
  // Whole registers and sums are taken, so each field keeps its type, which a loop over names cannot say.
  joinUntyped(one, other) as Fold<Document>;

const joinUntyped = (one: UntypedFold, other: UntypedFold): UntypedFold => ({
  is: { ...one.is, ...other.is },
  last: registers(one.last, other.last, (a, b) => a > b),
  first: registers(one.first, other.first, (a, b) => a < b),
  sum: sums(one.sum, other.sum),
});

function registers(one: Untyped = {}, other: Untyped = {}, stands: (a: string, b: string) => boolean): Untyped {
  const joined: Record<string, Register<unknown> | undefined> = { ...one };
  for (const [name, register] of Object.entries(other)) {
    const known = joined[name];
    if (register !== undefined && (known === undefined || stands(register[0], known[0]))) joined[name] = register;
  }
  return joined;
}

function sums(one: Sums = {}, other: Sums = {}): Sums {
  const joined: Record<string, Readonly<Record<string, number>> | undefined> = { ...one };
  for (const [name, amounts] of Object.entries(other)) joined[name] = { ...joined[name], ...amounts };
  return joined;
}

/** The document as far as it follows from the fold alone. */
export function valuesOf<Document>(fold: Fold<Document>): Document {
  const { is, last = {}, first = {}, sum = {} } = fold as UntypedFold;
  const values: Record<string, unknown> = { ...is };
  for (const [name, register] of [...Object.entries(last), ...Object.entries(first)]) values[name] = register?.[1];
  for (const [name, amounts] of Object.entries(sum))
    values[name] = Object.values(amounts ?? {}).reduce((total, amount) => total + amount, 0);
  // Registers and sums are named after the document's fields and hold their values.
  return values as Document;
}

/** Equal for equal folds, whatever order their fields came in. */
export const fingerprint = (fold: unknown): string => JSON.stringify(fold, (_name, value: unknown) => sorted(value));

const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const WIDTH = 12;
const padded = (version: number): string => String(version).padStart(WIDTH, "0");

/** Stamps compare as ASCII text. Times are brought to one form before they compare. */
export const isoOf = (time: string): string => new Date(time).toISOString();
export const byVersion = (version: number, eventId: string): string => `${padded(version)}:${eventId}`;
export const byTime = (time: string, eventId: string): string => `${isoOf(time)}:${eventId}`;
/** By the conversation's version; within one, what was found later holds. */
export const byConversation = (version: number, time: string, eventId: string): string =>
  `${padded(version)}:${byTime(time, eventId)}`;

/** What a person has set stands above triage, and triage above how the ticket came in. */
const RANK = { arrival: 1, triage: 2, command: 3 } as const;
export const byAuthor = (author: keyof typeof RANK, version: number, eventId: string): string =>
  `${RANK[author]}:${byVersion(version, eventId)}`;

export const isKnown = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

/** Whole seconds between two times, or null where one is not known. */
export const secondsBetween = (from: string | null | undefined, to: string | null | undefined): number | null =>
  isKnown(from) && isKnown(to) ? Math.round((Date.parse(to) - Date.parse(from)) / 1_000) : null;
