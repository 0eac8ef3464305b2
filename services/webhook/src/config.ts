import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";
import { secretProblem } from "./clients/secret-box.ts";

export interface WebhookConfig {
  /** Encrypts signing secrets. Another key makes the stored ones unreadable. */
  readonly secretsKey: string;
  /** Signing secrets of endpoints that a desk declares, by `secretName`. */
  readonly endpointSecrets: ReadonlyMap<string, string>;
  /** `host:port`: may be called whatever they resolve to, and over http. */
  readonly allowAddresses: ReadonlySet<string>;
  /** For one attempt, headers and body together. */
  readonly deadlineMs: number;
}

const KEY_LENGTH_MIN = 32;
const SECRET = "OPSDESK_ENDPOINT_SECRET_";
const DEADLINE_MS = 15_000;
const DEADLINE_MS_MAX = 60_000;

/** All problems at once: RejectedError `config_invalid`. Values of secrets are never repeated. */
export function readConfig(environment: Environment): WebhookConfig {
  const problems: string[] = [];
  const secretsKey = environment["OPSDESK_SECRETS_KEY"] ?? "";
  if (secretsKey.length < KEY_LENGTH_MIN)
    problems.push(
      `OPSDESK_SECRETS_KEY must have at least ${String(KEY_LENGTH_MIN)} characters: it encrypts signing secrets`,
    );

  const endpointSecrets = new Map<string, string>();
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(SECRET) || value === undefined || value === "") continue;
    const problem = secretProblem(value);
    if (problem === undefined) endpointSecrets.set(name.slice(SECRET.length), value);
    else problems.push(`${name} ${problem}`);
  }

  const allowAddresses = new Set<string>();
  for (const pair of (environment["WEBHOOK_ALLOW_ADDRESSES"] ?? "").split(",").map((one) => one.trim().toLowerCase())) {
    if (pair === "") continue;
    const [, port] = /^(?:\[[0-9a-f:.]+\]|[^:[\]/]+):(\d{1,5})$/.exec(pair) ?? [];
    if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
      problems.push(`WEBHOOK_ALLOW_ADDRESSES: ${pair} is not host:port`);
    else allowAddresses.add(pair);
  }

  const deadlineMs = Number(environment["WEBHOOK_TIMEOUT_MS"] ?? DEADLINE_MS);
  if (!Number.isInteger(deadlineMs) || deadlineMs < 100 || deadlineMs > DEADLINE_MS_MAX)
    problems.push(`WEBHOOK_TIMEOUT_MS must be 100 to ${String(DEADLINE_MS_MAX)}`);

  if (problems.length > 0)
    throw new RejectedError("config_invalid", `webhook: ${problems.join("; ")}`, {
      publicMessage: problems.join("\n"),
    });
  return Object.freeze({ secretsKey, endpointSecrets, allowAddresses, deadlineMs });
}
