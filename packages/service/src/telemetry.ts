import { RejectedError } from "@opsdesk/errors";
import type { Logger } from "pino";
import type { Environment } from "./definition.ts";

/** Traces on their way out of this process. */
export interface Telemetry {
  /** Sends what is left, or gives it up after three seconds. Never throws. */
  stop(): Promise<void>;
}

const NONE: Telemetry = { stop: () => Promise.resolve() };

/** Why the settings of telemetry cannot be used; empty where they can, or where it is off. */
export function telemetryProblems(environment: Environment): readonly string[] {
  const problems: string[] = [];
  const endpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (endpoint !== "" && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint)))
    problems.push(`OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address, not "${endpoint}"`);
  const share = environment["OTEL_TRACES_SAMPLER_ARG"] ?? "";
  if (share !== "" && !(Number(share) >= 0 && Number(share) <= 1))
    problems.push(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "${share}"`);
  return problems;
}

/**
 * Starts the OpenTelemetry SDK where OTEL_EXPORTER_OTLP_ENDPOINT says where traces go. Without it nothing is loaded,
 * and whatever calls the API does nothing. Throws RejectedError `config_invalid`.
 */
export async function startTelemetry(
  environment: Environment,
  what: { readonly name: string; readonly version: string },
  log: Logger,
): Promise<Telemetry> {
  const problems = telemetryProblems(environment);
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  const endpoint = environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (endpoint === "") return NONE;
  const { startSdk } = await import("./telemetry-sdk.ts");
  return startSdk({ ...what, endpoint, share: Number(environment["OTEL_TRACES_SAMPLER_ARG"] || 1) }, log);
}
