import { AsyncLocalStorage } from "node:async_hooks";
import { BugError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import pg from "pg";
import type { Database, Execute, Installation, Transaction } from "./database.ts";
import { mapped } from "./errors.ts";
import { encoded, expectCommit, types } from "./pg-types.ts";
import type { Sql } from "./sql.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database` */
  readonly url: string;
  /** Taken on by every connection; absent: the role that logs in. */
  readonly role?: string;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  readonly connectionsMax?: number;
  /** How long a statement may run; 0: without limit. */
  readonly statementMsMax?: number;
  /** How long an answer is waited for; absent: a little longer than a statement may run; 0: without limit. */
  readonly answerMsMax?: number;
  /** How long a transaction may wait between statements; 0: without limit. */
  readonly idleInTransactionMsMax?: number;
}

export interface PostgresDatabase extends Database {
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 8;
const WAIT_MS_MAX = 5_000;
/** Far above anything that a service asks; what takes longer hangs. */
const STATEMENT_MS_MAX = 60_000;
/** Behind the server's own limit: who has not heard by then is not heard of any more. */
const ANSWER_MS_MAX = 5_000;
const KEEP_ALIVE_MS = 10_000;
const IDLE_IN_TRANSACTION_MS_MAX = 15_000;
const ROLE = /^[a-z_][a-z0-9_]*$/;

/** One service's slice on a Postgres server: a pool of connections in its own role. */
export function openPostgres(options: PostgresOptions): PostgresDatabase {
  if (options.role !== undefined && !ROLE.test(options.role)) throw new TypeError(`not a role name: ${options.role}`);
  const statementMsMax = options.statementMsMax ?? STATEMENT_MS_MAX;
  const answerMsMax = options.answerMsMax ?? (statementMsMax === 0 ? 0 : statementMsMax + ANSWER_MS_MAX);
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    connectionTimeoutMillis: WAIT_MS_MAX,
    idleTimeoutMillis: 60_000,
    // A server that is gone without a word: the system itself would wait for its answer a quarter of an hour, and on an
    // idle connection two hours.
    ...(answerMsMax === 0 ? {} : { query_timeout: answerMsMax }),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types,
    options: [
      `-c statement_timeout=${statementMsMax}`,
      `-c idle_in_transaction_session_timeout=${options.idleInTransactionMsMax ?? IDLE_IN_TRANSACTION_MS_MAX}`,
      ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ].join(" "),
    // What does not wait for an answer is sent at once: a batch's statements travel together.
    pipeline: true,
  });
  // A connection that dies while nobody uses it: whoever asks next gets another.
  pool.on("error", () => undefined);

  const inside = new AsyncLocalStorage<true>();
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    let name = names.get(text);
    if (name === undefined) names.set(text, (name = `od_${sha256Hex(text).slice(0, 32)}`));
    return name;
  };

  const handle = (send: (query: pg.QueryConfig) => Promise<pg.QueryResult>): Execute => ({
    query: async <Row>(statement: Sql) => {
      const { text, values } = statement.render();
      return (await send({ name: nameOf(text), text, values: encoded(values) })).rows as Row[];
    },
    execute: async (text, values, settings) => {
      const query =
        values === undefined || values.length === 0
          ? { text }
          : { text, values: [...values], ...(settings?.prepared === true ? { name: nameOf(text) } : {}) };
      // Without parameters a text may hold several statements; `pg` then answers with one result for each.
      const result: pg.QueryResult | pg.QueryResult[] = await send(query);
      return { rows: [result].flat().flatMap((one): unknown[] => one.rows) };
    },
  });

  const asks = async <T>(work: () => Promise<T>): Promise<T> => {
    if (inside.getStore() === true)
      throw new BugError(
        "pool_reentered",
        "the database was used inside its own transaction: use the transaction's handle",
      );
    try {
      return await work();
    } catch (error) {
      throw mapped(error);
    }
  };

  async function transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // A connection that breaks fails its queries; the event would end the process.
    const broken = (): void => undefined;
    client.on("error", broken);
    const afterwards: (() => void)[] = [];
    let ended = false;
    const send = (query: pg.QueryConfig): Promise<pg.QueryResult> =>
      ended
        ? Promise.reject(new BugError("pool_reentered", "a transaction was used after its end"))
        : client.query(query).catch((error: unknown) => {
            throw mapped(error);
          });
    let failure: Error | undefined;
    try {
      // Sent, not awaited: it fails only with its connection, and then so does what follows.
      const begun = client.query("begin");
      begun.catch(() => undefined);
      const result = await inside.run(true, () =>
        work({ ...handle(send), afterCommit: (follow) => afterwards.push(follow) }),
      );
      ended = true;
      await begun;
      expectCommit((await client.query("commit")).command);
      for (const follow of afterwards) follow();
      return result;
    } catch (error) {
      ended = true;
      await client.query("rollback").catch((cause: unknown) => {
        failure = cause instanceof Error ? cause : new Error(String(cause));
      });
      throw error;
    } finally {
      client.off("error", broken);
      // What could not even be rolled back is not used again.
      client.release(failure);
    }
  }

  return {
    ...handle((query) => asks(() => pool.query(query))),
    transaction: (work) => asks(() => transact(work)),
    close: () => pool.end(),
  };
}

/** A whole server as its administrator sees it: any role of it, by `set role`. For migrations and tests. */
export function postgresInstallation(url: string): Installation {
  const open = new Map<string, PostgresDatabase>();
  return {
    as(role) {
      let database = open.get(role);
      if (database === undefined) {
        // A migration is many statements in one question, each of which may run as long as any.
        database = openPostgres({ url, role, name: `opsdesk ${role}`, connectionsMax: 2, answerMsMax: 0 });
        open.set(role, database);
      }
      return database;
    },
    async close() {
      await Promise.all([...open.values()].map((one) => one.close()));
    },
  };
}
