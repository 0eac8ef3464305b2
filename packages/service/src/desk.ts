import { setTimeout as sleep } from "node:timers/promises";
import { RejectedError } from "@opsdesk/errors";
import type { ServiceDefinition } from "./definition.ts";
import { mountHealth } from "./health.ts";
import { type Hosted, type Lane, host } from "./host.ts";
import type { App } from "./http.ts";
import { createServer } from "./server.ts";

/** Several services of one lane behind one HTTP listener. */
export interface RunningDesk {
  readonly app: App;
  readonly hosted: readonly Hosted[];
  /** `http://127.0.0.1:4100` */
  readonly url: string;
  /**
   * The service that will consume no more while this process lives: its loop has ended for good. Whoever runs the process
   * ends it, so that it is started again. Never resolves where none does.
   */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
}

const WATCHED_EVERY_MS = 1_000;

/** Starts services: HTTP is opened last, when they consume. Throws RejectedError `port_in_use`. */
export async function startDesk(
  lane: Lane,
  definitions: readonly ServiceDefinition[],
  listen: { host: string; port: number; version: string },
): Promise<RunningDesk> {
  const app = await createServer({ log: lane.log, version: listen.version });
  let accepting = false;
  const hosted: Hosted[] = [];
  try {
    for (const definition of definitions) hosted.push(await host(lane, definition, app));
    mountHealth(app, lane, hosted, { accepting: () => accepting });
    await app.ready();
    await lane.prepared;
    await together(hosted.map((one) => one.start()));
    const url = await app.listen({ host: listen.host, port: listen.port });
    accepting = true;
    const failed = Promise.withResolvers<string>();
    const watch = setInterval(() => {
      const stopped = hosted.find(({ runtime }) => runtime.stoppedBy() !== undefined);
      if (stopped !== undefined) failed.resolve(stopped.name);
    }, WATCHED_EVERY_MS);
    return {
      app,
      hosted,
      url,
      failed: failed.promise,
      async stop() {
        clearInterval(watch);
        accepting = false;
        await closed(app);
        await together(hosted.map((one) => one.stop()));
      },
    };
  } catch (error) {
    await closed(app);
    for (const one of hosted) await one.stop();
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw new RejectedError("port_in_use", `port ${listen.port} is taken`, {
        cause: error,
        publicMessage: `Port ${listen.port} is already in use. Stop what uses it, or choose another with PORT.`,
      });
    throw error;
  }
}

/** Each waits for its own statements most of the time. What fails does so when all have ended, so that none is left behind. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** What is in hand may end in order; the loop that failed may have taken its client with it. */
const FAILED_MS_MAX = 10_000;

/** Resolves when a service of the desk consumes no more and the rest has been stopped, or would not be: to its name. */
export async function ended({ failed }: Pick<RunningDesk, "failed">, stop: () => Promise<void>): Promise<string> {
  const name = await failed;
  await Promise.race([stop(), sleep(FAILED_MS_MAX)]).catch(() => undefined);
  return name;
}

const IDLE_EVERY_MS = 50;
const GRACE_MS = 3_000;

/**
 * Closes the listener. A response that ends only now (a live stream's) leaves its connection open for the next request,
 * and a reader that takes nothing never lets one end: neither may keep the process from stopping.
 */
async function closed(app: App): Promise<void> {
  const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_EVERY_MS);
  const all = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(all);
  }
}
