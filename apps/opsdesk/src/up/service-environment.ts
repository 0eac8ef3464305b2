import { sha256Hex } from "@opsdesk/identity";
import type { Secrets } from "./secrets.ts";
import type { Environment, Settings } from "./settings.ts";

/** What the services are configured from. The installation's key stays with this process: services know its hash. */
export function serviceEnvironment(
  settings: Pick<Settings, "port" | "publicUrl">,
  environment: Environment,
  secrets: Secrets,
  allowAddresses: readonly string[] = [],
): Environment {
  // A variable that is set to nothing is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const allowed = [given["WEBHOOK_ALLOW_ADDRESSES"], ...allowAddresses].filter((one) => one !== undefined).join(",");
  return {
    ...given,
    ...secrets,
    PORT: String(settings.port),
    PUBLIC_URL: settings.publicUrl,
    OPSDESK_INSTALL_KEY: undefined,
    INSTALL_KEY_SHA256: sha256Hex(secrets.OPSDESK_INSTALL_KEY),
    WEBHOOK_ALLOW_ADDRESSES: allowed,
  };
}
