/**
 * Addresses of servers that tests may use. They have names of their own: what a shell exports for production must never
 * reach a test by accident.
 */
export const VARIABLES = {
  kafka: "OPSDESK_TEST_KAFKA_BROKERS",
  postgres: "OPSDESK_TEST_DATABASE_OWNER_URL",
  opensearch: "OPSDESK_TEST_OPENSEARCH_URL",
  neo4j: "OPSDESK_TEST_NEO4J_URL",
} as const;
export const NEO4J_USER = "OPSDESK_TEST_NEO4J_USER";
export const NEO4J_PASSWORD = "OPSDESK_TEST_NEO4J_PASSWORD";

/** Which of those addresses this very run started (`kafka,postgres`): a suite that asks for a server of its own gets one. */
export const SHARED = "OPSDESK_TEST_SHARED";

/** `docker` or `native` allows only that way beside the environment; for comparing them, and to pass Docker over. */
const ONLY = "OPSDESK_TEST_SERVERS";

/** Which servers a run shares (`kafka,postgres`), when not every suite is run; all of them by default. */
const START = "OPSDESK_TEST_START";

/** Where downloads are kept. */
export const CACHE = "OPSDESK_SERVERS_CACHE";

export type ServerName = keyof typeof VARIABLES;
export type Environment = Readonly<Record<string, string | undefined>>;

const SERVER_NAMES: readonly ServerName[] = ["postgres", "kafka", "opensearch", "neo4j"];

/** The address that somebody outside of this run gave. */
export function givenAddress(server: ServerName, environment: Environment): string | undefined {
  const shared = (environment[SHARED] ?? "").split(",").includes(server);
  const address = environment[VARIABLES[server]];
  return shared || address === undefined || address === "" ? undefined : address;
}

export function serversToShare(environment: Environment): readonly ServerName[] {
  const names = environment[START];
  if (names === undefined || names === "") return SERVER_NAMES;
  const unknown = names.split(",").filter((name) => !SERVER_NAMES.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`${START} names ${unknown.join()}; known: ${SERVER_NAMES.join()}`);
  return SERVER_NAMES.filter((name) => names.split(",").includes(name));
}

export function onlyWay(environment: Environment): "docker" | "native" | undefined {
  const only = environment[ONLY];
  if (only === undefined || only === "") return undefined;
  if (only === "docker" || only === "native") return only;
  throw new Error(`${ONLY} is "${only}"; it can be docker or native`);
}
