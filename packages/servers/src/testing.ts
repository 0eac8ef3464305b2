import { randomUUID } from "node:crypto";
import pg from "pg";

/** What the setup of the run has put into the environment. A suite without it fails. */
function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set: run these tests with npm run test:stack`);
  return value;
}

export const testKafka = (): { readonly brokers: readonly string[] } => ({
  brokers: setting("OPSDESK_TEST_KAFKA_BROKERS").split(","),
});

export const testOpenSearch = (): { readonly url: string } => ({ url: setting("OPSDESK_TEST_OPENSEARCH_URL") });

export const testNeo4j = (): { readonly url: string; readonly user: string; readonly password: string } => ({
  url: setting("OPSDESK_TEST_NEO4J_URL"),
  user: setting("OPSDESK_TEST_NEO4J_USER"),
  password: setting("OPSDESK_TEST_NEO4J_PASSWORD"),
});

/** A database of a suite's own on the shared server, as its superuser sees it. Roles belong to the server, not to it. */
export async function testDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const server = setting("OPSDESK_TEST_DATABASE_OWNER_URL");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const asOwner = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await asOwner(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asOwner(`drop database ${name} with (force)`) };
}
