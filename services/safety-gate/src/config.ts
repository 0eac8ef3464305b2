import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";

export interface GateConfig {
  /** Where people reach the desk; without a slash at its end. */
  readonly publicUrl: string;
  /** Signs decision links. Another key makes every link that is out invalid. */
  readonly linkKey: string;
}

const KEY_LENGTH_MIN = 32;

/** All problems at once: RejectedError `config_invalid`. */
export function readConfig(environment: Environment): GateConfig {
  const publicUrl = (environment["PUBLIC_URL"] ?? `http://127.0.0.1:${environment["PORT"] ?? "4100"}`).replace(
    /\/+$/,
    "",
  );
  const linkKey = environment["OPSDESK_LINK_KEY"] ?? "";
  const problems = [
    ...(/^https?:\/\//.test(publicUrl) && URL.canParse(publicUrl)
      ? []
      : ["PUBLIC_URL must be an http or https address"]),
    ...(linkKey.length >= KEY_LENGTH_MIN
      ? []
      : [`OPSDESK_LINK_KEY must have at least ${KEY_LENGTH_MIN} characters: it signs decision links`]),
  ];
  if (problems.length > 0)
    throw new RejectedError("config_invalid", `safety-gate: ${problems.join("; ")}`, {
      publicMessage: problems.join("\n"),
    });
  return Object.freeze({ publicUrl, linkKey });
}
