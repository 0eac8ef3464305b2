import pg from "pg";
import { BugError } from "@opsdesk/errors";
import type { Database, Execute, Installation, Transaction } from "./database.ts";
import { mapped } from "./errors.ts";
import { encoded, expectCommit, types } from "./pg-types.ts";
import { type PgliteSocket, PgliteThread } from "./pglite-thread.ts";
import { SingleConnection, type Turn } from "./single-connection.ts";
import type { Sql } from "./sql.ts";

const ROLE = /^[a-z_][a-z0-9_]*$/;
/** Enough to keep Postgres busy while this thread decides. */
const LINES = 6;

interface Query {
  readonly text: string;
  readonly values?: unknown[];
  readonly prepared?: boolean;
}

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
  /** Nothing may be asked of it before. */
  readonly opened: Promise<void>;
  readonly #thread: Promise<PgliteThread>;
  readonly #connection = new SingleConnection();
  readonly #free: Line[] = [];
  readonly #waiting: ((line: Line) => void)[] = [];
  readonly #names = new Map<string, string>();

  private constructor(thread: Promise<PgliteThread>) {
    this.#thread = thread;
    this.opened = this.#connect();
    // Whoever waits for it hears of its failure, and that may be later.
    this.opened.catch(() => undefined);
  }

  /** What every database needs is loaded meanwhile, so that the next `open` waits less. Touches no file of its own. */
  static prepare(): void {
    PgliteThread.prepare();
  }

  /** Begins to open it; see `opened`. */
  static opening(options: { dataDir?: string; snapshot?: Blob } = {}): PgliteInstallation {
    return new PgliteInstallation(openThread(options));
  }

  static async open(options: { dataDir?: string; snapshot?: Blob } = {}): Promise<PgliteInstallation> {
    const installation = PgliteInstallation.opening(options);
    await installation.opened;
    return installation;
  }

  async #connect(): Promise<void> {
    const thread = await this.#thread;
    for (let number = 1; number <= LINES; number += 1) {
      const socket = thread.socket();
      const client = new pg.Client({ stream: () => socket, user: "postgres", database: "postgres", types });
      // An idle connection can only end with its thread, whose failure every waiting query hears of.
      client.on("error", () => undefined);
      await client.connect();
      this.#free.push({ number, client, socket });
    }
  }

  as(role: string): Database {
    if (!ROLE.test(role)) throw new TypeError(`not a role name: ${role}`);
    const single = this.#handle((query) => this.#connection.alone((turn) => this.#send(turn, role, query, "last")));
    return { ...single, transaction: (work) => this.#connection.alone((turn) => this.#transact(turn, role, work)) };
  }

  async #transact<T>(turn: Turn, role: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const afterwards: (() => void)[] = [];
    let state: "fresh" | "begun" | "ended" = "fresh";
    const handle = this.#handle((query) => {
      if (state === "ended")
        return Promise.reject(new BugError("pool_reentered", "a transaction was used after its end"));
      const place = state === "fresh" ? "first" : "between";
      state = "begun";
      return this.#send(turn, role, query, place);
    });
    const end = async (how: "commit" | "rollback"): Promise<void> => {
      const begun = state === "begun";
      state = "ended";
      if (!begun) return;
      const { command } = await this.#send(turn, role, { text: how }, "last");
      if (how === "commit") expectCommit(command);
    };
    let result;
    try {
      result = await work({ ...handle, afterCommit: (follow) => afterwards.push(follow) });
    } catch (error) {
      await end("rollback");
      throw error;
    }
    await end("commit");
    for (const follow of afterwards) follow();
    return result;
  }

  /** The whole database as one compressed file, for `open({ snapshot })`. */
  dump(): Promise<Blob> {
    return this.#connection.alone(async () => new Blob([await (await this.#thread).dump()]));
  }

  async close(): Promise<void> {
    await this.#connection.alone(async () => {
      // What never opened has nothing to close.
      const thread = await this.#thread.catch(() => undefined);
      await thread?.close();
    });
  }

  #handle(send: (query: Query) => Promise<pg.QueryResult>): Execute {
    return {
      query: async <Row>(statement: Sql) => {
        const { text, values } = statement.render();
        return (await send({ text, values: encoded(values), prepared: true })).rows as Row[];
      },
      execute: async (text, values, options) => {
        // Without parameters a text may hold several statements; `pg` then answers with one result for each.
        const result: pg.QueryResult | pg.QueryResult[] = await send(
          values === undefined || values.length === 0
            ? { text }
            : { text, values: [...values], prepared: options?.prepared === true },
        );
        return { rows: [result].flat().flatMap((one): unknown[] => one.rows) };
      },
    };
  }

  /** Sends one statement on any free line; the last of a turn ends it as soon as it is on its way. */
  async #send(
    turn: Turn,
    role: string,
    { prepared, ...query }: Query,
    place: "first" | "between" | "last",
  ): Promise<pg.QueryResult> {
    const line = this.#free.pop() ?? (await new Promise<Line>((take) => this.#waiting.push(take)));
    const { client, socket } = line;
    socket.role = role;
    socket.begins = place === "first";
    const sent = new Promise<void>((resolve) => (socket.onSent = resolve));
    try {
      const answered = turn.statement<pg.QueryResult>(() =>
        client.query(prepared === true ? { ...query, name: this.#nameOf(line, query.text) } : query),
      );
      if (place === "last") {
        // What cannot even be encoded is answered without having been sent.
        await Promise.race([sent, answered]);
        turn.leave();
      }
      return await answered;
    } catch (error) {
      throw mapped(error);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(line);
      else next(line);
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

const openThread = async (options: { dataDir?: string; snapshot?: Blob }): Promise<PgliteThread> =>
  await PgliteThread.open({ dataDir: options.dataDir, snapshot: await options.snapshot?.arrayBuffer() });
