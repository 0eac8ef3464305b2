import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Client } from "@opensearch-project/opensearch";

export interface OpenSearchOptions {
  /** User and password in it where the server asks for them. */
  readonly url: string;
  /** Of every index and alias. */
  readonly prefix: string;
}

/** Longer than any caller's own deadline: for writes, which nobody waits for. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Loaded when it is first needed: a lane without OpenSearch never pays for its client. */
export function openSearchClient({ url }: OpenSearchOptions): {
  readonly get: () => Promise<Client>;
  readonly close: () => Promise<void>;
} {
  let client: Promise<Client> | undefined;
  return {
    get: () =>
      (client ??= import("@opensearch-project/opensearch").then(
        (library) => new library.Client({ node: url, maxRetries: 0, requestTimeout: REQUEST_TIMEOUT_MS }),
      )),
    close: async () => await (await client)?.close(),
  };
}

export const statusOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "statusCode" in error && typeof error.statusCode === "number"
    ? error.statusCode
    : undefined;

/** 404 is an index that somebody took away: it is made again, so the work may be tried again. */
const PASSES = new Set([404, 408, 429]);

export const passes = (status: number): boolean => status >= 500 || PASSES.has(status);

/** Everything that OpenSearch throws, as one of ours. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const status = statusOf(error);
    const message = `OpenSearch: ${error instanceof Error ? error.message.slice(0, 300) : "no answer"}`;
    if (status !== undefined && !passes(status)) throw new RejectedError("search_refused", message, { cause: error });
    throw new TransientError("search_unavailable", message, { cause: error });
  }
}
