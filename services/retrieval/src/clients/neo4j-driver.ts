import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Driver } from "neo4j-driver";

export interface Neo4jOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Installations that share a server have one each. */
  readonly name: string;
}

const CONNECT_TIMEOUT_MS = 2_000;
const RETRY_MS_MAX = 5_000;

/** Loaded when it is first needed: a lane without Neo4j never pays for its driver. */
export function neo4jDriver({ url, user, password }: Neo4jOptions): {
  readonly get: () => Promise<Driver>;
  readonly close: () => Promise<void>;
} {
  let driver: Promise<Driver> | undefined;
  return {
    get: () =>
      (driver ??= import("neo4j-driver").then(({ default: neo4j }) =>
        neo4j.driver(url, neo4j.auth.basic(user, password), {
          connectionTimeout: CONNECT_TIMEOUT_MS,
          connectionAcquisitionTimeout: CONNECT_TIMEOUT_MS,
          maxTransactionRetryTime: RETRY_MS_MAX,
          disableLosslessIntegers: true,
        }),
      )),
    close: async () => await (await driver)?.close(),
  };
}

/** A statement that the server says is wrong stays wrong; all else may pass. */
export async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
    const message = `Neo4j: ${code} ${error instanceof Error ? error.message.slice(0, 300) : "no answer"}`;
    if (/^Neo\.ClientError\.(Statement|Schema)\./.test(code))
      throw new RejectedError("graph_refused", message, { cause: error });
    throw new TransientError("graph_unavailable", message, { cause: error });
  }
}
