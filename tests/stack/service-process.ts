import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { watch } from "@opsdesk/servers";

const READY_MS_MAX = 180_000;
const GRACE_MS_MAX = 30_000;

export interface ServiceOptions {
  readonly name: string;
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: string;
  /** The checkout whose service this is. */
  readonly root: string;
}

/** One service as its users run it: a process of its own, told everything by its environment. */
export class ServiceProcess {
  readonly name: string;
  readonly url: string;
  readonly #options: ServiceOptions;
  #root: string;
  #besides: Readonly<Record<string, string>> = {};
  #child: ChildProcess | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#root = options.root;
    this.name = options.name;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it, and resolves when it is ready. */
  async start(): Promise<void> {
    this.launch();
    await this.ready();
  }

  /** From its next start on it is the service of another checkout. */
  comesFrom(root: string): void {
    this.#root = root;
  }

  /** From its next start on it is told this besides, and nothing that it was told so before. */
  tell(environment: Readonly<Record<string, string>>): void {
    this.#besides = environment;
  }

  launch(): void {
    const { environment, log, name, port } = this.#options;
    const main = join(this.#root, "services", name, "src", "main.ts");
    const output = openSync(log, "a");
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main], {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        // Else a start strips and compiles every source again: under load, half a minute.
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        ...environment,
        ...this.#besides,
        PORT: String(port),
      },
      stdio: ["ignore", output, output],
      // A group of its own, which ends with this process whatever ends that.
      detached: true,
    });
    closeSync(output);
    const { pid } = this.#child;
    if (pid === undefined) return;
    const watcher = watch(pid);
    // Its number may be another's by then.
    this.#child.once("exit", () => watcher.kill("SIGKILL"));
  }

  async ready(): Promise<void> {
    const end = Date.now() + READY_MS_MAX;
    while (!(await isOk(`${this.url}/readyz`))) {
      if (!this.running()) throw new Error(`${this.name} ended while it was starting\n${this.lastLines()}`);
      if (Date.now() > end) throw new Error(`${this.name} was not ready in time\n${this.lastLines()}`);
      await sleep(50);
    }
  }

  /** SIGKILL. */
  kill(): Promise<number | null> {
    return this.#end("SIGKILL");
  }

  /** SIGTERM; answers its exit code. */
  stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  lastLines(count = 15): string {
    return readFileSync(this.#options.log, "utf8").trim().split("\n").slice(-count).join("\n");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), GRACE_MS_MAX);
    await exited;
    clearTimeout(late);
    return child.exitCode;
  }
}

export const isOk = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  );
