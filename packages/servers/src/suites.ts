/** What a `.stack.test.ts` suite asks for: servers of the whole run, of which each suite takes a part of its own. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { NEO4J_PASSWORD, NEO4J_USER, VARIABLES } from "./environment.ts";

export interface TestKafka {
  readonly brokers: readonly string[];
  /** Begins the names of this suite's topics and groups. */
  readonly prefix: string;
}

export interface TestDatabase {
  /** Of the superuser; the vector extension can be created in it. */
  readonly url: string;
  drop(): Promise<void>;
}

export interface TestOpenSearch {
  readonly url: string;
  /** Begins the names of this suite's indexes, aliases, templates and pipelines. */
  readonly prefix: string;
}

export interface TestNeo4j {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** There is one database: a tenant or the beginning of labels that no other suite has. */
  readonly prefix: string;
}

export const testKafka = (): TestKafka => ({ brokers: variable(VARIABLES.kafka).split(","), prefix: unique() });

export const testOpenSearch = (): TestOpenSearch => ({ url: variable(VARIABLES.opensearch), prefix: unique() });

export const testNeo4j = (): TestNeo4j => ({
  url: variable(VARIABLES.neo4j),
  user: variable(NEO4J_USER),
  password: variable(NEO4J_PASSWORD),
  prefix: unique(),
});

/** A fresh database of the shared server. */
export async function testDatabase(): Promise<TestDatabase> {
  const owner = variable(VARIABLES.postgres);
  const name = unique();
  await execute(owner, `create database ${name}`);
  const url = new URL(owner);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(owner, `drop database if exists ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Allowed in the names of topics, indexes, databases and labels. */
const unique = (): string => `t${randomBytes(6).toString("hex")}`;

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(
      `${name} is not set: suites that need real servers are run by npm run test:stack, with all of them unless OPSDESK_TEST_START names some`,
    );
  return value;
}
