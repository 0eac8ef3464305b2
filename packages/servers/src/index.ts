export { temporaryFolder } from "./folders.ts";
export { startKafka } from "./kafka.ts";
export { startNeo4j } from "./neo4j.ts";
export { startOpenSearch } from "./opensearch.ts";
export { startPostgres } from "./postgres.ts";
export { startRestate } from "./restate.ts";
export type {
  KafkaAdmin,
  KafkaOptions,
  KafkaServer,
  Neo4jServer,
  OpenSearchServer,
  PostgresServer,
  RestateServer,
  Server,
  StartOptions,
} from "./server.ts";
export { watch } from "./watch.ts";
