import { ensureDataDirectory } from "@opsdesk/service/embedded";
import type { Command } from "commander";
import { demo, receivedFile } from "../demo/demo.ts";
import { keepReceived, startReceiver } from "../demo/receiver.ts";
import { secretsOf } from "../up/secrets.ts";
import { allServices, servicesNamed } from "../up/services.ts";
import { type Environment, readSettings } from "../up/settings.ts";
import { type Up, up } from "../up/up.ts";

interface Options {
  readonly services?: string;
  readonly demo?: boolean;
  readonly exit?: boolean;
}

export const addUp = (program: Command, environment: Environment): void => {
  program
    .command("up")
    .description("run services (all or some) in this process, on the embedded lane")
    .option("--lane <lane>", "which adapters to run on", "embedded")
    .option("--services <names>", "comma-separated names; all of them by default")
    .option("--demo", "apply the sample desk and play the reference scenario once")
    .option("--exit", "stop when the scenario has been played: 0 only if all ten steps happened")
    .action(async (options: Options & { lane: string }) => {
      process.exitCode = await run(options, { ...environment, OPSDESK_LANE: options.lane });
    });
};

async function run(options: Options, environment: Environment): Promise<number> {
  const startedAt = performance.now();
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const services = options.services === undefined ? allServices : servicesNamed(options.services.split(","));
  if (options.demo !== true) {
    const running = await up(services, environment);
    say(`OpsDesk is ready at ${running.desk.url} (${services.length} services, ${seconds(startedAt)} s).`);
    return await untilStopped(running, () => Promise.resolve());
  }

  const settings = readSettings(environment);
  await ensureDataDirectory(settings.dataDir);
  const secrets = await secretsOf(settings.dataDir, environment);
  const receiver = await startReceiver({
    port: Number(environment["OPSDESK_RECEIVER_PORT"] ?? (settings.port === 0 ? 0 : settings.port + 10)),
    secret: secrets.OPSDESK_ENDPOINT_SECRET_CRM,
    onReceived: (one) =>
      one.body.includes('"ai.draft.review_required"')
        ? keepReceived(receivedFile(settings.dataDir), one)
        : Promise.resolve(),
  });
  try {
    const running = await up(services, environment, [receiver.address]);
    say(`OpsDesk is ready at ${running.desk.url} (${seconds(startedAt)} s).`);
    const complete = await demo(running, receiver, say).catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error));
      return false;
    });
    say(complete ? `All ten steps happened (${seconds(startedAt)} s since start).` : "Not all ten steps happened.");
    if (options.exit === true) {
      await running.stop();
      return complete ? 0 : 1;
    }
    say(`Serving at ${running.desk.url}. The API key is in ${settings.dataDir}/api-key. Stop with Ctrl-C.`);
    return await untilStopped(running, () => receiver.stop());
  } finally {
    await receiver.stop();
  }
}

const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1);

function untilStopped(running: Up, also: () => Promise<void>): Promise<number> {
  return new Promise((resolve) => {
    const stop = (): void =>
      void running
        .stop()
        .then(also)
        .then(() => resolve(0));
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  });
}
