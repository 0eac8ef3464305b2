import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLines } from "./run.ts";
import { poll } from "./poll.ts";
import type { Server } from "./server.ts";
import { watch } from "./watch.ts";

export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Its output is added to this file. */
  readonly log: string;
  /** Rejects while it is not ready. */
  readonly probe: () => Promise<void>;
  readonly stopSignal?: NodeJS.Signals;
  /** After this long it is killed instead. */
  readonly stopsWithinMs?: number;
  /** What it says when a predecessor that was killed is not quite gone: then it is started again. */
  readonly predecessor?: RegExp;
}

const READY_WITHIN_MS = 180_000;
const STOPS_WITHIN_MS = 20_000;
const AGAIN_AFTER_MS = 200;

/** A server as a process of ours. It never outlives this process, whatever ends it. */
export class Daemon implements Server {
  readonly #options: DaemonOptions;
  #child: ChildProcess | undefined;
  #watcher: ChildProcess | undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const said = await this.#attempt();
      if (said === undefined) return;
      const again = this.#options.predecessor?.test(said) === true && Date.now() < until;
      if (!again)
        throw new Error(`${this.#options.name} ended while it started; ${this.#options.log} ends with:\n${said}`);
      await sleep(AGAIN_AFTER_MS);
    }
  }

  async stop(): Promise<void> {
    await this.#end(this.#options.stopSignal ?? "SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Undefined when it is ready; what it said last when it ended before. */
  async #attempt(): Promise<string | undefined> {
    const { name, log, probe } = this.#options;
    const logged = sizeOf(log);
    const child = this.#spawn();
    const ended = new AbortController();
    child.once("exit", () => ended.abort(new Error(`${name} ended`)));
    child.once("error", (error) => ended.abort(error));
    try {
      await poll(probe, { withinMs: READY_WITHIN_MS, what: name, signal: ended.signal });
      // Another server may have answered on the same port.
      ended.signal.throwIfAborted();
      return undefined;
    } catch (error) {
      const said = lastLines(readFileSync(log).subarray(logged).toString());
      await this.#end("SIGKILL");
      if (ended.signal.aborted && child.pid !== undefined) return said;
      throw new Error(`${String(error)}\n${log} ends with:\n${said}`, { cause: error });
    }
  }

  #spawn(): ChildProcess {
    const { command, args, environment, log } = this.#options;
    const output = openSync(log, "a");
    // A group of its own: Ctrl-C in a terminal must reach this process alone, which then stops things in order.
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", output, output],
      env: { ...process.env, ...environment },
    });
    closeSync(output);
    this.#child = child;
    child.unref();
    if (child.pid !== undefined) this.#watcher = watch(child.pid);
    return child;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.ref();
      if (signal === "SIGKILL") killGroup(child.pid);
      else child.kill(signal);
      const late = new AbortController();
      const patience = sleep(this.#options.stopsWithinMs ?? STOPS_WITHIN_MS, undefined, { signal: late.signal }).then(
        () => killGroup(child.pid!), // seen above
        () => undefined,
      );
      await exited;
      late.abort();
      await patience;
    }
    // Only now: until the server is gone, its watcher is what ends it should this process die.
    this.#watcher?.kill("SIGKILL");
    this.#watcher = undefined;
    this.#child = undefined;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function sizeOf(file: string): number {
  try {
    return readFileSync(file).length;
  } catch {
    return 0;
  }
}
