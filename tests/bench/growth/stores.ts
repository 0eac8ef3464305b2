import { statfsSync } from "node:fs";
import pg from "pg";
import { root } from "../../../scripts/checkout.mjs";
import type { Stack } from "../../stack/stack.ts";

const LIVE = "postgres";
const COPY = "tickets_copy";

/**
 * Databases of one server that the desk takes turns on. The services know one name; a store is given it while they are
 * stopped, so that nothing else differs between two turns.
 */
export class Stores {
  readonly #stack: Stack;
  #stopped = false;
  /** The store that has the name which services know; undefined: the first, before it has a name of its own. */
  #live: string | undefined;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  /** Statistics by statement need a start of the server. */
  async prepare(): Promise<void> {
    await this.away();
    await this.#administer((client) =>
      client.query("alter system set shared_preload_libraries = 'pg_stat_statements'"),
    );
    await this.#stack.servers.postgres.stop();
    await this.#stack.servers.postgres.start();
    await this.#administer(async (client) => {
      const { rows } = await client.query<{ description: string }>(
        "select shobj_description(oid, 'pg_database') as description from pg_database where datname = $1",
        [LIVE],
      );
      this.#live = rows[0]?.description.startsWith("tickets_") === true ? rows[0].description : undefined;
    });
    await this.back();
  }

  /** Stops the services. */
  async away(): Promise<void> {
    if (this.#stopped) return;
    await Promise.all([...this.#stack.services.values()].map((service) => service.stop()));
    this.#stopped = true;
  }

  async back(): Promise<void> {
    if (!this.#stopped) return;
    // A store that was filled with another checkout lacks the migrations of this one.
    await this.#stack.prepareFor(root);
    await Promise.all([...this.#stack.services.values()].map((service) => service.start()));
    this.#stopped = false;
  }

  /** The services run on this store from now on. */
  async use(name: string): Promise<void> {
    await this.#makeLive(name);
    await this.back();
    await this.ask((client) => client.query("create extension if not exists pg_stat_statements with schema public"));
  }

  /** As `use`, on a copy that nothing has been added to. */
  async useCopy(name: string): Promise<void> {
    await this.#makeLive(name);
    await this.away();
    await this.drop(COPY);
    await this.copy(name, COPY);
    await this.use(COPY);
  }

  /** Gives the live store, which has had none, a name to come back to. */
  async keepAs(name: string): Promise<void> {
    await this.#administer((client) => client.query(`comment on database ${LIVE} is '${name}'`));
    this.#live = name;
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#administer((client) =>
      client.query(`create database ${to} template ${this.#nameNow(from)} strategy file_copy`),
    );
  }

  async drop(name: string): Promise<void> {
    await this.#administer((client) => client.query(`drop database if exists ${name} with (force)`));
  }

  async bytes(name: string): Promise<number> {
    return await this.#administer(async (client) => {
      const { rows } = await client.query<{ n: number }>("select pg_database_size($1::name)::float8 as n", [
        this.#nameNow(name),
      ]);
      return rows[0]?.n ?? 0;
    });
  }

  /** Bytes that a folder's disk has left. */
  free(folder: string): number {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  }

  /** In a store that nobody else works in, as the administrator. */
  within<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#connected(this.#nameNow(name), work);
  }

  /** In the live store. */
  ask<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#connected(LIVE, work);
  }

  async close(): Promise<void> {
    await this.back();
  }

  async #makeLive(name: string): Promise<void> {
    if (this.#live === name) return;
    await this.away();
    await this.#administer(async (client) => {
      if (this.#live !== undefined) await client.query(`alter database ${LIVE} rename to ${this.#live}`);
      await client.query(`alter database ${name} rename to ${LIVE}`);
      await client.query(`comment on database ${LIVE} is '${name}'`);
    });
    this.#live = name;
  }

  #nameNow(name: string): string {
    return name === this.#live ? LIVE : name;
  }

  #administer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return this.#connected("template1", work);
  }

  async #connected<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const url = new URL(this.#stack.servers.postgres.url);
    url.pathname = `/${database}`;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}
