import { resolve } from "node:path";
import { RejectedError } from "@opsdesk/errors";
import type { Environment, ServiceDefinition } from "./definition.ts";
import { ended, startDesk } from "./desk.ts";
import { openEmbeddedLane } from "./embedded.ts";
import { createLog } from "./log.ts";
import { startTelemetry } from "./telemetry.ts";

const VERSION = "0.1.0";

/**
 * Runs one service in this process until it is asked to stop: with `OPSDESK_LANE=local` on Postgres and Kafka, else on
 * the data directory of the embedded lane, where it works on what the log holds and leaves its events for the others.
 */
export async function runService(definition: ServiceDefinition, given: Environment): Promise<void> {
  // A variable that is set to nothing, as a compose file leaves it, is not set.
  const environment = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  const log = createLog(environment["LOG_LEVEL"] ?? "info");
  try {
    const telemetry = await startTelemetry(environment, { name: definition.name, version: VERSION }, log);
    const options = { services: [definition], environment, log, defaultTenant: environment["OPSDESK_TENANT"] };
    const lane =
      environment["OPSDESK_LANE"] === "local"
        ? await (await import("./local.ts")).openLocalLane(options)
        : await openEmbeddedLane({ ...options, dataDir: resolve(environment["OPSDESK_DATA_DIR"] ?? ".opsdesk") });
    const desk = await startDesk(lane, [definition], {
      host: environment["HOST"] ?? "127.0.0.1",
      port: Number(environment["PORT"] ?? 4_100),
      version: VERSION,
    }).catch(async (error: unknown) => {
      await lane.close();
      throw error;
    });
    log.info({ url: desk.url }, `${definition.name} is ready`);
    const stop = async (): Promise<void> => {
      await desk.stop();
      await telemetry.stop();
      await lane.close();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => void stop().then(() => process.exit(0)));
    void ended(desk, stop).then((name) => {
      log.fatal({ code: "consumer_stopped" }, `${name} no longer consumes: its process ends, to be started again`);
      process.exit(1);
    });
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    log.fatal({ code: error.code }, error.publicMessage ?? error.message);
    process.exitCode = 1;
  }
}
