/** What is started: the same versions for everybody, so that a red test means the same everywhere. */
export const KAFKA_VERSION = "4.4.0";
export const POSTGRES_VERSION = "18.6.3";
export const OPENSEARCH_VERSION = "3.8.0";
export const NEO4J_VERSION = "2026.08.1";
/** For benchmarks only. */
export const RESTATE_VERSION = "1.7.12";

export const IMAGES = {
  kafka: "apache/kafka:4.1.0",
  postgres: "pgvector/pgvector:0.8.6-pg18-trixie",
  opensearch: "public.ecr.aws/opensearchproject/opensearch:3.7.0",
  neo4j: "neo4j:2026.01.4",
} as const;

const plugin = (name: string): string => `org.opensearch.plugin:${name}:${OPENSEARCH_VERSION}`;

/** Maven coordinates, `group:artifact:version`. */
export const JARS = {
  // Kafka brings slf4j 1: log4j-slf4j2-impl would be passed over without a word, and with it the log.
  kafka: [`org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"],
  opensearch: [
    `org.opensearch:opensearch:${OPENSEARCH_VERSION}`,
    plugin("transport-netty4-client"),
    plugin("analysis-common"),
    plugin("lang-painless"),
    plugin("reindex-client"),
    plugin("mapper-extras-client"),
    plugin("ingest-common"),
    plugin("search-pipeline-common"),
    // The version of the log4j-api that OpenSearch brings: another one does not load.
    "org.apache.logging.log4j:log4j-core:2.25.4",
  ],
  neo4j: [`org.neo4j:neo4j:${NEO4J_VERSION}`],
} as const;
