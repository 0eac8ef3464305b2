import type { Command } from "commander";
import { startGateway } from "../gateway/gateway.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { readSettings, type Environment } from "../up/settings.ts";

interface Options {
  readonly to: readonly string[];
}

export const addGateway = (program: Command, environment: Environment): void => {
  program
    .command("gateway")
    .description("one address for services that run apart: hands each request to the service that owns its path")
    .requiredOption("--to <service=url...>", "where each service is: ingest=http://127.0.0.1:4101")
    .action(async ({ to }: Options) => {
      const services = new Map(
        to.map((pair) => {
          const [, service, url] = /^([a-z-]+)=(https?:\/\/\S+)$/.exec(pair) ?? [];
          if (service === undefined || url === undefined)
            throw new UsageError(
              `--to ${pair}: expected a service and its address, as in ingest=http://127.0.0.1:4101.`,
            );
          return [service, url] as const;
        }),
      );
      const { host, port } = readSettings(environment, []);
      const gateway = await startGateway({ host, port, services });
      process.stdout.write(`The gateway is ready at ${gateway.url}.\n`);
      await new Promise<void>((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
      });
      await gateway.stop();
    });
};
