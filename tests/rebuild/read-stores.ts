import neo4j from "neo4j-driver";
import pg from "pg";
import type { Neo4jServer } from "@opsdesk/servers";
import type { Row } from "./compare.ts";

const PAGE = 5_000;

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
    size: PAGE,
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

export async function openSearch<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`OpenSearch ${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
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

/** Each in a transaction of its own, as deletions in batches want it. */
export async function changeGraph(server: Neo4jServer, statements: readonly string[]): Promise<void> {
  const driver = neo4j.driver(server.url, neo4j.auth.basic(server.user, server.password));
  const session = driver.session();
  try {
    for (const statement of statements) await session.run(statement);
  } finally {
    await session.close();
    await driver.close();
  }
}
