import pg from "pg";
import type { Database, Execute, Installation } from "./database.ts";
import { mapped } from "./errors.ts";
import { PgliteThread } from "./pglite-thread.ts";
import { SingleConnection } from "./single-connection.ts";
import type { Sql } from "./sql.ts";

// int8 counts and offsets stay below 2^53; numbers spare every store a conversion.
const INT8 = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format as "text")) as pg.CustomTypesConfig["getTypeParser"],
};

const ROLE = /^[a-z_][a-z0-9_]*$/;

/**
 * Postgres inside this process (PGlite with pgvector, in a thread of its own), on disk in `dataDir` or in memory without one.
 *
 * It is one connection, so the roles of all services share it: each use switches the session to its role first,
 * and slices hold as they do on a server. A killed process loses nothing; `fsync` is off, so a power cut may.
 * `snapshot` is an earlier `dump`: it opens faster than an empty database does.
 */
export class PgliteInstallation implements Installation {
  readonly #thread: PgliteThread;
  readonly #client: pg.Client;
  readonly #connection = new SingleConnection();
  readonly #names = new Map<string, string>();

  private constructor(thread: PgliteThread, client: pg.Client) {
    this.#thread = thread;
    this.#client = client;
  }

  static async open(options: { dataDir?: string; snapshot?: Blob } = {}): Promise<PgliteInstallation> {
    const thread = await PgliteThread.start({ dataDir: options.dataDir, snapshot: await options.snapshot?.arrayBuffer() });
    const client = new pg.Client({ stream: () => thread.stream as never, user: "postgres", database: "postgres", types });
    // An idle connection can only end with its thread, whose failure every waiting query hears of.
    client.on("error", () => undefined);
    await client.connect();
    return new PgliteInstallation(thread, client);
  }

  as(role: string): Database {
    if (!ROLE.test(role)) throw new TypeError(`not a role name: ${role}`);
    const inRole = <T>(work: () => Promise<T>): Promise<T> =>
      this.#connection.hold(async () => {
        this.#thread.role = role;
        return await work();
      });
    const handle = this.#handle();
    return {
      query: <Row>(statement: Sql) => inRole(() => handle.query<Row>(statement)),
      execute: (text, values) => inRole(() => handle.execute(text, values)),
      transaction: (work) =>
        inRole(async () => {
          const afterwards: (() => void)[] = [];
          await this.#client.query("begin");
          let result;
          try {
            result = await work({ ...handle, afterCommit: (follow) => afterwards.push(follow) });
            await this.#client.query("commit");
          } catch (error) {
            await this.#client.query("rollback");
            throw error;
          }
          for (const follow of afterwards) follow();
          return result;
        }),
    };
  }

  /** The whole database as one compressed file, for `open({ snapshot })`. */
  dump(): Promise<Blob> {
    return this.#connection.hold(async () => new Blob([await this.#thread.dump()]));
  }

  async close(): Promise<void> {
    await this.#connection.hold(async () => {
      await this.#thread.close();
    });
  }

  #handle(): Execute {
    return {
      query: async <Row>(statement: Sql) => {
        const { text, values } = statement.render();
        return (await this.#send({ name: this.#nameOf(text), text, values: [...values] })).rows as Row[];
      },
      // Not prepared: a library's statements vary without end, and pg-boss's fetch is slower with a fixed plan.
      execute: async (text, values) => {
        // Without parameters a text may hold several statements; `pg` then answers with one result for each.
        const result: pg.QueryResult | pg.QueryResult[] = await this.#send(values === undefined || values.length === 0 ? { text } : { text, values: [...values] });
        return { rows: (Array.isArray(result) ? result : [result]).flatMap((one): unknown[] => one.rows) };
      },
    };
  }

  async #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      return await this.#connection.statement(() => this.#client.query(query));
    } catch (error) {
      throw mapped(error);
    }
  }

  #nameOf(text: string): string {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `s${this.#names.size + 1}`;
      this.#names.set(text, name);
    }
    return name;
  }
}
