import type { Read, Sql } from "@opsdesk/database";
import type { DataOf, EventType, contracts } from "@opsdesk/schemas";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { Outcome } from "./outcome.ts";

type ContractOf<T extends EventType> = Extract<(typeof contracts)[number], { type: T }>;
export type EventOf<T extends EventType> = Envelope<DataOf<ContractOf<T>>>;

export interface DecisionContext {
  /** RFC 3339, UTC. The only clock that a decision has. */
  readonly now: string;
}

/** How a batch's rows become SQL. */
export interface Save {
  /** Data-modifying statements, one a table; they become CTEs of the one statement of this batch. */
  readonly writes: readonly Sql[];
  /**
   * What was loaded must still hold: a `select 1 from … for update` that answers one row for each of `count`.
   * When it answers fewer, another writer was first; nothing is written and the batch is loaded and decided again.
   */
  readonly guards?: readonly Guard[];
}

export interface Guard {
  readonly held: Sql;
  readonly count: number;
}

/**
 * One step of a service: load once, decide each event in order, save once.
 *
 * `load` reads what the batch needs, in one statement where it can, outside any transaction.
 * `decide` is pure. `evolve` folds a decision into the state that the next event of the batch sees.
 * `save` merges all decisions of the batch to one write per table row: a second update of one row in one
 * statement would be skipped in silence by Postgres.
 */
export interface Handler<T extends EventType = EventType, State = unknown, Rows = unknown> {
  readonly type: T;
  readonly load?: (read: Read, events: readonly EventOf<T>[]) => Promise<State>;
  readonly decide: (event: EventOf<T>, state: State, context: DecisionContext) => Outcome<Rows>;
  readonly evolve?: (state: State, rows: Rows, event: EventOf<T>) => State;
  readonly save?: (rows: readonly Rows[]) => Save;
  /** Later events of a key wait behind its dead letter until an operator has dealt with it. */
  readonly strictOrder?: boolean;
  /**
   * Handlers of a service that all move one row, whatever the key, name it here: in one process they take turns at it,
   * where their guards would make each other load again. Between processes the guards still decide.
   */
  readonly turn?: string;
}

/** What the runtime sees of a handler once its types have done their work. */
export type AnyHandler = Handler<EventType, unknown, unknown>;

export const handler = <T extends EventType, State, Rows>(
  type: T,
  steps: Omit<Handler<T, State, Rows>, "type">,
): AnyHandler =>
  // The runtime only hands a handler its own events, state and rows, so the specific types may be forgotten here.
  ({ type, ...steps }) as unknown as AnyHandler;

/** The last of the values of each key: the merge that `save` owes to its tables. */
export function lastBy<Value>(values: Iterable<Value>, key: (value: Value) => string): readonly Value[] {
  const last = new Map<string, Value>();
  for (const value of values) last.set(key(value), value);
  return [...last.values()];
}
