import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import type { ConsoleErrorCode } from "./errors.ts";

export interface ConsoleConfig {
  /** Live streams that are served at once; each holds a connection and at most one page of events. */
  readonly streamsMax: number;
}

const STREAMS_DEFAULT = 200;

/** All problems at once: RejectedError `config_invalid`. */
export function readConfig(environment: Environment): ConsoleConfig {
  const given = environment["OPSDESK_STREAMS_MAX"];
  const streamsMax = given === undefined || given === "" ? STREAMS_DEFAULT : Number(given);
  if (!Number.isInteger(streamsMax) || streamsMax < 1 || streamsMax > 10_000) {
    const message = "OPSDESK_STREAMS_MAX must be a whole number from 1 to 10000";
    throw new RejectedError<ConsoleErrorCode>("config_invalid", `console: ${message}`, { publicMessage: message });
  }
  return Object.freeze({ streamsMax });
}
