import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import type { ErrorCode } from "./decide/error-codes.ts";

export interface Config {
  readonly embeddings: "local";
}

/** Embeddings are computed here; an endpoint is refused by name until there is an adapter for it. */
export function readConfig(environment: Environment): Config {
  if (environment["EMBEDDINGS_URL"] !== undefined && environment["EMBEDDINGS_URL"] !== "") {
    const code: ErrorCode = "config_invalid";
    const message = "EMBEDDINGS_URL is set, but this version embeds locally only: unset it.";
    throw new RejectedError(code, message, { publicMessage: message });
  }
  return Object.freeze({ embeddings: "local" });
}
