import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./server.ts";

export interface NativeOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly log: string;
  /** What makes it another user, in setpriv's words. */
  readonly asUser?: readonly string[];
  /** Resolves when it serves; throws while it does not. */
  readonly ready: () => Promise<void>;
  readonly readyMsMax: number;
  /** A server that takes long to end in order may be killed instead where its data survive that. */
  readonly stopSignal?: NodeJS.Signals;
}

const STOP_MS_MAX = 30_000;
const SETPRIV = "/usr/bin/setpriv";

/** A server as a process of this one; it dies with it, however this one ends. */
export async function startNative(options: NativeOptions): Promise<Server> {
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    if (child !== undefined) throw new Error(`${options.name} runs already`);
    const log = openSync(options.log, "a");
    // Where it is there (util-linux), the kernel ends the server with its parent.
    const bound = existsSync(SETPRIV)
      ? [...(options.asUser ?? []), "--pdeathsig", "KILL", options.file, ...options.args]
      : undefined;
    const started = spawn(bound === undefined ? options.file : SETPRIV, bound ?? [...options.args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child = started;
    let failed: Error | undefined;
    started.once("error", (error) => (failed = error));
    const end = Date.now() + options.readyMsMax;
    for (;;) {
      if (failed !== undefined || started.exitCode !== null || started.signalCode !== null) {
        child = undefined;
        throw new Error(
          `${options.name} ended while it was starting${failed === undefined ? "" : ` (${failed.message})`}\n${lastLines(options.log)}`,
        );
      }
      try {
        await options.ready();
        return;
      } catch (error) {
        if (Date.now() > end) {
          await finish("SIGKILL");
          throw new Error(
            `${options.name} was not ready in ${options.readyMsMax / 1_000} s (${String(error)})\n${lastLines(options.log)}`,
          );
        }
        await sleep(100);
      }
    }
  };

  const finish = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    if (ending === undefined) return;
    child = undefined;
    if (ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    ending.kill(signal);
    const late = setTimeout(() => ending.kill("SIGKILL"), STOP_MS_MAX);
    await exited;
    clearTimeout(late);
  };

  await start();
  return {
    start,
    kill: () => finish("SIGKILL"),
    stop: () => finish(options.stopSignal ?? "SIGTERM"),
    pid: () => child?.pid,
  };
}

const lastLines = (path: string): string =>
  existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").slice(-15).join("\n") : "";
