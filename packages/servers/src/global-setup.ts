import { join } from "node:path";
import { temporaryFolder } from "./folders.ts";
import { startKafka } from "./kafka.ts";
import { startNeo4j } from "./neo4j.ts";
import { startOpenSearch } from "./opensearch.ts";
import { startPostgres } from "./postgres.ts";
import { shared } from "./shared.ts";

/** Before the first suite: every server once, for all suites. A server that cannot be had fails the run. */
export default async function globalSetup(): Promise<void> {
  const folder = temporaryFolder();
  const startedAt = Date.now();
  const results = await Promise.allSettled([
    startKafka({ folder: join(folder, "kafka") }),
    startPostgres({ folder: join(folder, "postgres") }),
    startOpenSearch({ folder: join(folder, "opensearch") }),
    startNeo4j({ folder: join(folder, "neo4j") }),
  ]);
  const [kafka, postgres, opensearch, neo4j] = results;
  for (const result of results) if (result.status === "fulfilled") shared.servers.push(result.value);
  const failures = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason)] : []));
  if (failures.length > 0) {
    await Promise.all(shared.servers.map((server) => server.kill().catch(() => undefined)));
    throw new Error(`these tests need servers that cannot be had here:\n${failures.join("\n")}`);
  }
  if (kafka.status === "fulfilled") process.env["OPSDESK_TEST_KAFKA_BROKERS"] = kafka.value.brokers.join(",");
  if (postgres.status === "fulfilled") process.env["OPSDESK_TEST_DATABASE_OWNER_URL"] = postgres.value.url;
  if (opensearch.status === "fulfilled") process.env["OPSDESK_TEST_OPENSEARCH_URL"] = opensearch.value.url;
  if (neo4j.status === "fulfilled") {
    process.env["OPSDESK_TEST_NEO4J_URL"] = neo4j.value.url;
    process.env["OPSDESK_TEST_NEO4J_USER"] = neo4j.value.user;
    process.env["OPSDESK_TEST_NEO4J_PASSWORD"] = neo4j.value.password;
  }
  process.stderr.write(`servers: ready in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s\n`);
}
