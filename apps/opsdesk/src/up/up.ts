import { once } from "node:events";
import { createServer } from "node:net";
import { RejectedError } from "@opsdesk/errors";
import type { ServiceDefinition } from "@opsdesk/service";
import { type RunningDesk, startDesk } from "@opsdesk/service/desk";
import { openEmbeddedLane } from "@opsdesk/service/embedded";
import { createLog } from "@opsdesk/service/log";
import { startTelemetry } from "@opsdesk/service/telemetry";
import pino from "pino";
import { type Secrets, secretsOf } from "./secrets.ts";
import { serviceEnvironment } from "./service-environment.ts";
import { type Environment, type Settings, readSettings } from "./settings.ts";

const VERSION = "0.1.0";

export interface Up {
  readonly desk: RunningDesk;
  readonly settings: Settings;
  readonly secrets: Secrets;
  stop(): Promise<void>;
}

/**
 * What runs beside the services, started when the data directory is this process's own and before the database is
 * opened; answers the addresses (`host:port`) that webhooks may also reach.
 */
export type Beside = (settings: Settings, secrets: Secrets) => Promise<readonly string[]>;

const nothing: Beside = () => Promise.resolve([]);

/** Starts services of the embedded lane in this process. What is refused is refused before anything is changed. */
export async function up(
  services: readonly ServiceDefinition[],
  environment: Environment,
  beside: Beside = nothing,
): Promise<Up> {
  const settings = readSettings(environment, services);
  const log = createLog(settings.logLevel, pino.destination(2));
  const telemetry = await startTelemetry(environment, { name: "opsdesk", version: VERSION }, log);
  const ready: { secrets?: Secrets; allowAddresses?: readonly string[] } = {};
  const lane = await openEmbeddedLane({
    dataDir: settings.dataDir,
    services,
    environment: {},
    log,
    defaultTenant: environment["OPSDESK_TENANT"] || undefined,
    async locked() {
      await expectFree(settings);
      ready.secrets = await secretsOf(settings.dataDir, environment);
      ready.allowAddresses = await beside(settings, ready.secrets);
    },
  });
  try {
    const secrets = ready.secrets ?? (await secretsOf(settings.dataDir, environment));
    const desk = await startDesk(
      { ...lane, environment: serviceEnvironment(settings, environment, secrets, ready.allowAddresses) },
      services,
      { host: settings.host, port: settings.port, version: VERSION },
    );
    return {
      desk,
      settings,
      secrets,
      async stop() {
        await desk.stop();
        await telemetry.stop();
        await lane.close();
      },
    };
  } catch (error) {
    await lane.close();
    throw error;
  }
}

/** HTTP is opened last; that its port is taken should not be found out only then. Throws RejectedError `port_in_use`. */
async function expectFree({ host, port }: Settings): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), "listening");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "EADDRINUSE")
      throw new RejectedError("port_in_use", `port ${port} is taken`, {
        cause,
        publicMessage: `Port ${port} is already in use. Stop what uses it, or choose another with PORT.`,
      });
    throw new RejectedError("address_unusable", `cannot listen on ${host}:${port}: ${code}`, {
      cause,
      publicMessage: `This process cannot listen on ${host}, port ${port} (${code}). Choose others with HOST and PORT.`,
    });
  }
  await new Promise((closed) => server.close(closed));
}
