import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import type { EvaluationErrorCode } from "./decide/error-codes.ts";

export interface EvaluationConfig {
  /** How long a run waits for its scenarios, in seconds. */
  readonly deadlineSeconds: number;
}

const DEADLINE_SECONDS = 300;
const DEADLINE_SECONDS_MAX = 86_400;

/** RejectedError `config_invalid`. */
export function readConfig(environment: Environment): EvaluationConfig {
  const written = environment["EVALUATION_DEADLINE_SECONDS"] ?? "";
  const deadlineSeconds = written === "" ? DEADLINE_SECONDS : Number(written);
  if (!Number.isInteger(deadlineSeconds) || deadlineSeconds < 1 || deadlineSeconds > DEADLINE_SECONDS_MAX) {
    const code: EvaluationErrorCode = "config_invalid";
    const message = `EVALUATION_DEADLINE_SECONDS must be a whole number from 1 to ${DEADLINE_SECONDS_MAX}`;
    throw new RejectedError(code, `evaluation: ${message}`, { publicMessage: message });
  }
  return Object.freeze({ deadlineSeconds });
}
