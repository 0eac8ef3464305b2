import type { ServiceDefinition } from "@opsdesk/service";
import { type RunningDesk, startDesk } from "@opsdesk/service/desk";
import { openLocalLane } from "@opsdesk/service/local";
import pino from "pino";
import { type Environment, readSettings } from "./settings.ts";

const VERSION = "0.1.0";

export interface UpLocal {
  readonly desk: RunningDesk;
  stop(): Promise<void>;
}

/** Starts services in this process on servers: nothing is made up, so every secret must be given. */
export async function upLocal(services: readonly ServiceDefinition[], environment: Environment): Promise<UpLocal> {
  const { host, port, logLevel, publicUrl } = readSettings(environment, []);
  const log = pino({ level: logLevel }, pino.destination(2));
  // A variable that is set to nothing is not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const lane = await openLocalLane({
    services,
    environment: { ...given, PORT: String(port), PUBLIC_URL: publicUrl },
    log,
    defaultTenant: environment["OPSDESK_TENANT"] || undefined,
  });
  try {
    const desk = await startDesk(lane, services, { host, port, version: VERSION });
    return {
      desk,
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
