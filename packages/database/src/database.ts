import type { Sql } from "./sql.ts";

/** What a store may do: send one statement and read its rows. */
export interface Read {
  query<Row>(statement: Sql): Promise<readonly Row[]>;
}

/** The raw form, for libraries that bring their own SQL (pg-boss) and for migrations. */
export interface Execute extends Read {
  /** `prepared`: planned once, for a text that comes again and again; otherwise it may vary without end. */
  execute(text: string, values?: readonly unknown[], options?: { prepared?: boolean }): Promise<{ rows: unknown[] }>;
}

export interface Transaction extends Execute {
  /** Runs after a successful commit, before anyone else gets the connection; must not fail and must not use SQL. */
  afterCommit(work: () => void): void;
}

/**
 * The database port: one service's slice of Postgres, in its own role. All SQL is schema-qualified.
 *
 * Nothing but SQL may be awaited inside `transaction`; using the database itself there, or holding it for more
 * than five seconds while others wait, is BugError `pool_reentered`: on one connection it would hang the desk.
 * Lost connections, serialisation failures and deadlocks are TransientError `database_unavailable`.
 */
export interface Database extends Execute {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** One Postgres as an installation has it: a database per role. */
export interface Installation {
  /** The slice as its service sees it. */
  as(role: string): Database;
  close(): Promise<void>;
}
