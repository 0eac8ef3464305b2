import { setTimeout as sleep } from "node:timers/promises";
import neo4j, { type Session } from "neo4j-driver";
import pg from "pg";
import type { Neo4jServer } from "@opsdesk/servers";
import type { Row } from "./compare.ts";

const PAGE = 5_000;
/** Whole documents, which the search server holds in its memory until they are sent. */
const DOCUMENTS_PAGE = 500;
const TOO_MANY_REQUESTS = 429;
const TRIES = 6;
const FIRST_PAUSE_MS = 500;

/** Every row of a statement; its first column is the id. Dates are to be asked for as milliseconds. */
export async function* rowsOf(url: string, statement: string): AsyncGenerator<Row> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("begin read only");
    await client.query(`declare every no scroll cursor for ${statement}`);
    for (;;) {
      const page = await client.query<unknown[]>({ text: `fetch ${PAGE} from every`, rowMode: "array" });
      for (const [id, ...values] of page.rows) yield { id: String(id), values };
      if (page.rows.length < PAGE) return;
    }
  } finally {
    await client.end();
  }
}

export interface Hit {
  readonly _index: string;
  readonly _id: string;
  readonly _version?: number;
  readonly _source: Readonly<Record<string, unknown>>;
}
interface Scrolled {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly Hit[] };
}

/** Every document behind an alias, as it is searchable now. */
export async function* documentsOf(
  url: string,
  alias: string,
  { fields, query }: { readonly fields: readonly string[]; readonly query?: object },
): AsyncGenerator<Hit> {
  await openSearch(url, "POST", `/${alias}/_refresh`);
  let page = await openSearch<Scrolled>(url, "POST", `/${alias}/_search?scroll=2m&version=true`, {
    size: DOCUMENTS_PAGE,
    sort: ["_doc"],
    _source: fields,
    query: query ?? { match_all: {} },
  });
  while (page.hits.hits.length > 0) {
    yield* page.hits.hits;
    page = await openSearch<Scrolled>(url, "POST", "/_search/scroll", { scroll: "2m", scroll_id: page._scroll_id });
  }
  await openSearch(url, "DELETE", "/_search/scroll", { scroll_id: page._scroll_id });
}

/** Waits where the server says that it has too much to do at the moment: every question here may be asked again. */
export async function openSearch<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return (await response.json()) as T;
    const problem = `OpenSearch ${method} ${path}: ${response.status} ${await response.text()}`;
    if (response.status !== TOO_MANY_REQUESTS || tried === TRIES) throw new Error(problem);
    await sleep(FIRST_PAUSE_MS * 2 ** (tried - 1));
  }
}

/** Every record of a question; its first column is the id. */
export async function* recordsOf(server: Neo4jServer, cypher: string): AsyncGenerator<Row> {
  const driver = neo4j.driver(server.url, neo4j.auth.basic(server.user, server.password), {
    disableLosslessIntegers: true,
  });
  const session = driver.session({ fetchSize: PAGE });
  try {
    for await (const record of session.run(cypher)) {
      const [id, ...values] = record.keys.map((key) => record.get(key) as unknown);
      yield { id: String(id), values };
    }
  } finally {
    await session.close();
    await driver.close();
  }
}

export async function changeGraph(server: Neo4jServer, statements: readonly string[]): Promise<void> {
  await inGraph(server, async (session) => {
    for (const statement of statements) await session.run(statement);
  });
}

/** Runs each until it answers that it has `deleted` nothing more. */
export async function emptyGraph(server: Neo4jServer, statements: readonly string[]): Promise<void> {
  await inGraph(server, async (session) => {
    for (const statement of statements)
      for (let deleted = 1; deleted > 0;) deleted = Number((await session.run(statement)).records[0]?.get("deleted"));
  });
}

async function inGraph(server: Neo4jServer, work: (session: Session) => Promise<void>): Promise<void> {
  const driver = neo4j.driver(server.url, neo4j.auth.basic(server.user, server.password));
  const session = driver.session();
  try {
    await work(session);
  } finally {
    await session.close();
    await driver.close();
  }
}
