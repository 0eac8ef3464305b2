import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import type { ErrorCode } from "./decide/error-codes.ts";
import type { StormPolicy } from "./decide/incident.ts";

export interface Config {
  readonly embeddings: "local";
  /** Absent: Postgres searches by words. */
  readonly openSearch: { readonly url: string; readonly prefix: string } | undefined;
  /** Absent: Postgres holds the graph. */
  readonly neo4j:
    | { readonly url: string; readonly user: string; readonly password: string; readonly name: string }
    | undefined;
  /** How long a search waits for either before Postgres answers. */
  readonly storeTimeoutMs: number;
  readonly storm: StormPolicy;
}

const INDEX_PREFIX = /^[a-z][a-z0-9-]{0,60}$/;

/** All problems at once. Embeddings are computed here; an endpoint is refused by name until there is an adapter for it. */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const given = (name: string): string | undefined => environment[name] || undefined;
  const whole = (name: string, text: string | undefined, fallback: number, min: number, max: number): number => {
    const value = text === undefined ? fallback : Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      problems.push(`${name} must be a whole number from ${min} to ${max}.`);
    return value;
  };
  if (given("EMBEDDINGS_URL") !== undefined)
    problems.push("EMBEDDINGS_URL is set, but this version embeds locally only: unset it.");
  const openSearchUrl = given("OPENSEARCH_URL");
  if (openSearchUrl !== undefined && !/^https?:\/\/./.test(openSearchUrl))
    problems.push("OPENSEARCH_URL must begin with http:// or https://.");
  const prefix = given("OPENSEARCH_INDEX_PREFIX") ?? "opsdesk";
  if (!INDEX_PREFIX.test(prefix))
    problems.push("OPENSEARCH_INDEX_PREFIX must be lower-case letters, digits and hyphens, a letter first.");
  const neo4jUrl = given("NEO4J_URL");
  if (neo4jUrl !== undefined && !/^(bolt|neo4j)(\+s|\+ssc)?:\/\/./.test(neo4jUrl))
    problems.push("NEO4J_URL must begin with bolt:// or neo4j://, or with +s for TLS.");
  const password = given("NEO4J_PASSWORD");
  if (neo4jUrl !== undefined && password === undefined)
    problems.push("NEO4J_PASSWORD is needed, because NEO4J_URL is set.");
  const user = given("NEO4J_USER") ?? "neo4j";
  const name = given("NEO4J_GRAPH") ?? "opsdesk";
  const storeTimeoutMs = whole("SEARCH_TIMEOUT_MS", given("SEARCH_TIMEOUT_MS"), 400, 10, 10_000);
  const windowMinutes = whole("STORM_WINDOW_MINUTES", given("STORM_WINDOW_MINUTES"), 40, 1, 1_440);
  const ticketsMin = {
    site: whole("STORM_SITE_TICKETS_MIN", given("STORM_SITE_TICKETS_MIN"), 5, 0, 50),
    asset: whole("STORM_ASSET_TICKETS_MIN", given("STORM_ASSET_TICKETS_MIN"), 5, 0, 50),
    category: whole("STORM_CATEGORY_TICKETS_MIN", given("STORM_CATEGORY_TICKETS_MIN"), 0, 0, 50),
  };
  if (problems.length > 0) {
    const code: ErrorCode = "config_invalid";
    throw new RejectedError(code, problems.join(" "), { publicMessage: problems.join("\n") });
  }
  return Object.freeze({
    embeddings: "local",
    openSearch: openSearchUrl === undefined ? undefined : { url: openSearchUrl, prefix },
    neo4j: neo4jUrl === undefined || password === undefined ? undefined : { url: neo4jUrl, user, password, name },
    storeTimeoutMs,
    storm: { windowMinutes, ticketsMin },
  });
}
