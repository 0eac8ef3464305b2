import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { entryOf } from "../../scripts/bundle.mjs";

/** A desk as its users run it: a process of its own, on a data directory and a port that stay the same. */
export class DeskProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #main: string;
  #child: ChildProcess | undefined;
  starts = 0;

  /** `main`: of another checkout. */
  constructor(dataDir: string, port: number, environment: Readonly<Record<string, string>>, main = entryOf()) {
    this.#main = main;
    this.dataDir = dataDir;
    this.port = port;
    this.#environment = environment;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it is ready; rejects when it ends before. */
  async start(): Promise<void> {
    this.starts += 1;
    const log = openSync(join(this.dataDir, "..", `desk-${this.port}.log`), "a");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", this.#main, "up"], {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        TMPDIR: process.env["TMPDIR"],
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
        ...this.#environment,
        OPSDESK_DATA_DIR: this.dataDir,
        PORT: String(this.port),
        LOG_LEVEL: "warn",
      },
      stdio: ["ignore", log, log],
    });
    this.#child = child;
    const ended = new Promise<never>((_, reject) =>
      child.once("exit", (code, signal) =>
        reject(new Error(`the desk ended (${code ?? signal}); see ${this.dataDir}/../desk-${this.port}.log`)),
      ),
    );
    ended.catch(() => undefined);
    await Promise.race([ended, this.#ready()]);
  }

  async #ready(): Promise<void> {
    const until = Date.now() + 180_000;
    while (Date.now() < until) {
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok === true) return;
      await sleep(50);
    }
    throw new Error("the desk was not ready within three minutes");
  }

  /** As a power cut ends a process: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await exited;
    this.#child = undefined;
  }

  /** Waits until no service has anything in work. */
  async idle(ms: number): Promise<void> {
    const until = Date.now() + ms;
    for (let calm = 0; calm < 2;) {
      const answer = await fetch(`${this.url}/idlez`).catch(() => undefined);
      calm = answer?.ok === true ? calm + 1 : 0;
      if (Date.now() > until) throw new Error(`still busy after ${ms} ms: ${(await answer?.text()) ?? "no answer"}`);
      await sleep(200);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
