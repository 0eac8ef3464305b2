import { join } from "node:path";
import { BugError } from "@opsdesk/errors";
import { type RunningDesk, ended } from "@opsdesk/service/desk";
import type { UpOptions } from "../commands/up.ts";
import { demo, isOfReference, receivedFile } from "../demo/demo.ts";
import { type Receiver, keepReceived, startReceiver } from "../demo/receiver.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { API_KEY_FILE, SECRETS_FILE } from "./secrets.ts";
import { servicesFor, servicesNamed } from "./services.ts";
import type { Environment } from "./settings.ts";
import { type Up, up } from "./up.ts";

/** What `opsdesk up` does; answers its exit code. */
export async function run(options: UpOptions, environment: Environment): Promise<number> {
  if (options.demo === true) {
    if (options.services !== undefined) throw new UsageError("--demo needs all services: leave out --services.");
    if (environment["OPSDESK_LANE"] === "local")
      throw new UsageError("--demo plays on the embedded lane; on servers, `npm run stack -- --scenario` does.");
    return await runDemo(options.exit === true, environment);
  }
  if (options.exit === true) throw new UsageError("--exit goes with --demo: without it there is nothing to wait for.");
  const services =
    options.services === undefined ? await servicesFor(environment) : await servicesNamed(options.services);
  const running =
    environment["OPSDESK_LANE"] === "local"
      ? // Its clients would cost every start of the embedded lane their loading.
        await (await import("./up-local.ts")).upLocal(services, environment)
      : await up(services, environment);
  say(`OpsDesk is ready at ${running.desk.url} (${running.desk.hosted.length} services, ${sinceStart()} s).`);
  return await untilEnded(running);
}

async function runDemo(exit: boolean, environment: Environment): Promise<number> {
  let receiver: Receiver | undefined;
  try {
    const running = await up(await servicesFor(environment), environment, async (settings, secrets) => {
      receiver = await startReceiver({
        port: settings.receiverPort,
        secret: secrets.OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM,
        onReceived: (one) =>
          isOfReference(one) ? keepReceived(receivedFile(settings.dataDir), one) : Promise.resolve(),
      });
      return [receiver.address];
    });
    if (receiver === undefined) throw new BugError("receiver_missing", "the services run without their receiver");
    say(`OpsDesk is ready at ${running.desk.url} (${sinceStart()} s).`);
    const complete = await demo(running, receiver, say).catch((error: unknown) => {
      say(toldOf(error));
      return false;
    });
    say(complete ? `All ten steps happened (${sinceStart()} s since start).` : "Not all ten steps happened.");
    const { dataDir } = running.settings;
    say(`\n  data      ${dataDir}`);
    say(`  API key   ${join(dataDir, API_KEY_FILE)}`);
    say(`  secrets   ${join(dataDir, SECRETS_FILE)}`);
    say(`  webhook   ${receivedFile(dataDir)}\n`);
    if (exit) {
      await running.stop();
      return complete ? 0 : 1;
    }
    say(`Serving at ${running.desk.url}. Look around: npx opsdesk story OD-1025. Stop with Ctrl-C.`);
    return await untilEnded(running);
  } finally {
    await receiver?.stop();
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Of the process, its own loading included. */
const sinceStart = (): string => (performance.now() / 1_000).toFixed(1);

function toldOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said =
    "publicMessage" in error && typeof error.publicMessage === "string" ? error.publicMessage : error.message;
  return "code" in error ? `${String(error.code)}: ${said}` : said;
}

/**
 * Serves until it is asked to stop, and answers 0; a second request ends the process at once. Answers 1 when one of its
 * services consumes no more.
 */
function untilEnded({ desk, stop }: Pick<Up, "stop"> & { desk: Pick<RunningDesk, "failed"> }): Promise<number> {
  return new Promise((resolve, reject) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => void stop().then(() => resolve(0), reject));
    void ended(desk, stop).then((name) => {
      say(`${name} no longer consumes; what it works on waits. Start again: the log says why it stopped.`);
      resolve(1);
    });
  });
}
