import { sha256Hex } from "@opsdesk/identity";
import type { ServiceDefinition } from "@opsdesk/service";
import { type RunningDesk, startDesk } from "@opsdesk/service/desk";
import { openEmbeddedLane } from "@opsdesk/service/embedded";
import pino from "pino";
import { secretsOf } from "./secrets.ts";
import { type Environment, type Settings, readSettings } from "./settings.ts";

export const VERSION = "0.1.0";

export interface Up {
  readonly desk: RunningDesk;
  readonly settings: Settings;
  /** Of the installation: it creates businesses. */
  readonly installKey: string;
  readonly endpointSecret: string;
  stop(): Promise<void>;
}

/** Starts services of the embedded lane in this process. `allowAddresses` are added to what webhooks may reach. */
export async function up(services: readonly ServiceDefinition[], environment: Environment, allowAddresses: readonly string[] = []): Promise<Up> {
  const settings = readSettings(environment);
  const log = pino({ level: settings.logLevel }, pino.destination(2));
  const allowed = [environment["WEBHOOK_ALLOW_ADDRESSES"], ...allowAddresses].filter((one) => one !== undefined && one !== "").join(",");
  // The lock comes first: secrets are written to the data directory.
  const environmentOf = (secrets: Readonly<Record<string, string>>): Environment => ({
    PUBLIC_URL: settings.publicUrl,
    ...environment,
    ...secrets,
    OPSDESK_INSTALL_KEY: undefined,
    INSTALL_KEY_SHA256: sha256Hex(secrets["OPSDESK_INSTALL_KEY"] ?? ""),
    ...(allowed === "" ? {} : { WEBHOOK_ALLOW_ADDRESSES: allowed }),
  });
  const lane = await openEmbeddedLane({ dataDir: settings.dataDir, services, environment: {}, log, defaultTenant: environment["OPSDESK_TENANT"] });
  try {
    const secrets = await secretsOf(settings.dataDir, environment);
    const desk = await startDesk({ ...lane, environment: environmentOf(secrets) }, services, { host: settings.host, port: settings.port, version: VERSION });
    return {
      desk,
      settings,
      installKey: secrets.OPSDESK_INSTALL_KEY,
      endpointSecret: secrets.OPSDESK_ENDPOINT_SECRET_CRM,
      async stop() {
        await desk.stop();
        await lane.close();
      },
    };
  } catch (error) {
    await lane.close();
    throw error;
  }
}
