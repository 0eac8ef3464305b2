import pg from "pg";
import type { Database, Execute, Installation } from "./database.ts";
import { mapped } from "./errors.ts";
import { type PgliteSocket, PgliteThread } from "./pglite-thread.ts";
import { SingleConnection } from "./single-connection.ts";
import { type Sql, TextArray } from "./sql.ts";
import { binaryTextArray } from "./text-array.ts";

// int8 counts and offsets stay below 2^53; numbers spare every store a conversion.
const INT8 = 20;
// Its own types know one overload for each format.
const parsers = pg.types as unknown as { getTypeParser(oid: number, format?: string): (value: string) => unknown };
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: string) =>
    oid === INT8 && format !== "binary" ? Number : parsers.getTypeParser(oid, format),
};

const ROLE = /^[a-z_][a-z0-9_]*$/;
/** Enough to keep Postgres busy while this thread decides; the first is the one that transactions use. */
const LINES = 6;

/** One client of the shared session. */
interface Line {
  readonly number: number;
  readonly client: pg.Client;
  readonly socket: PgliteSocket;
}

/**
 * Postgres inside this process (PGlite with pgvector, in a thread of its own), on disk in `dataDir` or in memory
 * without one.
 *
 * It is one session, so the roles of all services share it: each use says whose it is, and slices hold as they do on a
 * server. A killed process loses nothing; `fsync` is off, so a power cut may. `snapshot` is an earlier `dump`: it opens
 * faster than an empty database does.
 */
export class PgliteInstallation implements Installation {
  readonly #thread: PgliteThread;
  readonly #connection = new SingleConnection();
  readonly #free: Line[];
  readonly #waiting: ((line: Line) => void)[] = [];
  readonly #names = new Map<string, string>();

  private constructor(thread: PgliteThread, lines: Line[]) {
    this.#thread = thread;
    this.#free = lines;
  }

  static async open(options: { dataDir?: string; snapshot?: Blob } = {}): Promise<PgliteInstallation> {
    const thread = await PgliteThread.start({
      dataDir: options.dataDir,
      snapshot: await options.snapshot?.arrayBuffer(),
    });
    const lines: Line[] = [];
    for (let number = 1; number <= LINES; number += 1) {
      const socket = thread.socket();
      const client = new pg.Client({ stream: () => socket, user: "postgres", database: "postgres", types });
      // An idle connection can only end with its thread, whose failure every waiting query hears of.
      client.on("error", () => undefined);
      await client.connect();
      lines.push({ number, client, socket });
    }
    return new PgliteInstallation(thread, lines);
  }

  as(role: string): Database {
    if (!ROLE.test(role)) throw new TypeError(`not a role name: ${role}`);
    const alone = <T>(work: (handle: Execute, line: Line) => Promise<T>): Promise<T> =>
      this.#connection.alone(() => this.#onLine(role, work));
    return {
      query: <Row>(statement: Sql) =>
        this.#connection.shared(() => this.#onLine(role, (handle) => handle.query<Row>(statement))),
      // Alone: a library's text may hold several statements, or a transaction of its own.
      execute: (text, values) => alone((handle) => handle.execute(text, values)),
      transaction: (work) =>
        alone(async (handle, { client, socket }) => {
          const afterwards: (() => void)[] = [];
          socket.begins = true;
          let result;
          try {
            result = await work({ ...handle, afterCommit: (follow) => afterwards.push(follow) });
            socket.begins = false;
            await client.query("commit");
          } catch (error) {
            socket.begins = false;
            await client.query("rollback");
            throw error;
          }
          for (const follow of afterwards) follow();
          return result;
        }),
    };
  }

  /** The whole database as one compressed file, for `open({ snapshot })`. */
  dump(): Promise<Blob> {
    return this.#connection.alone(async () => new Blob([await this.#thread.dump()]));
  }

  async close(): Promise<void> {
    await this.#connection.alone(() => this.#thread.close());
  }

  async #onLine<T>(role: string, work: (handle: Execute, line: Line) => Promise<T>): Promise<T> {
    const line = this.#free.pop() ?? (await new Promise<Line>((take) => this.#waiting.push(take)));
    line.socket.role = role;
    try {
      return await work(this.#handle(line), line);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(line);
      else next(line);
    }
  }

  #handle(line: Line): Execute {
    return {
      query: async <Row>(statement: Sql) => {
        const { text, values } = statement.render();
        const encoded = values.map((value) => (value instanceof TextArray ? binaryTextArray(value.texts) : value));
        return (await this.#send(line, { name: this.#nameOf(line, text), text, values: encoded })).rows as Row[];
      },
      // Not prepared: a library's statements vary without end, and pg-boss's fetch is slower with a fixed plan.
      execute: async (text, values) => {
        // Without parameters a text may hold several statements; `pg` then answers with one result for each.
        const result: pg.QueryResult | pg.QueryResult[] = await this.#send(
          line,
          values === undefined || values.length === 0 ? { text } : { text, values: [...values] },
        );
        return { rows: [result].flat().flatMap((one): unknown[] => one.rows) };
      },
    };
  }

  async #send(line: Line, query: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await this.#connection.statement(() => line.client.query(query));
    } catch (error) {
      throw mapped(error);
    }
  }

  /** Prepared statements belong to the session, which all lines share; each line prepares its own. */
  #nameOf(line: Line, text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `s${this.#names.size + 1}`;
      this.#names.set(text, name);
    }
    return `${name}_${line.number}`;
  }
}
