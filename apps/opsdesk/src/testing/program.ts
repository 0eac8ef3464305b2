import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { entryOf } from "../../../../scripts/bundle.mjs";

/** Tests run the program as its users do: as a process, and from the bundle where that is made of these sources. */
const PROGRAM = entryOf();
const FLAGS = ["--disable-warning=ExperimentalWarning"];
const READY_MS_MAX = 120_000;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Everything on stdout and stderr so far. */
  output(): string;
  /** Resolves when the output holds the text; rejects when the program ends before. */
  says(text: string): Promise<void>;
  /** Asks it to stop, as Ctrl-C does elsewhere, and answers its exit code. */
  stop(): Promise<number>;
}

const start = (args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess =>
  // Not the test's own environment: a colour or key set there would decide what is seen here.
  spawn(process.execPath, [...FLAGS, PROGRAM, ...args], {
    env: {
      PATH: process.env["PATH"] ?? "",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });

/** Runs a command to its end. */
export async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = start(args, environment);
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, out, err };
}

/** Starts a command that goes on until it is stopped. */
export function runOn(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const child = start(args, environment);
  let output = "";
  const waiting = new Set<() => void>();
  const heard = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of waiting) look();
  };
  child.stdout?.on("data", heard);
  child.stderr?.on("data", heard);
  const ended = once(child, "close") as Promise<[number | null]>;
  return {
    child,
    output: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          settle();
        };
        const look = (): void => void (output.includes(text) && finish(resolve));
        const timer = setTimeout(
          () => finish(() => reject(new Error(`it never said "${text}":\n${output}`))),
          READY_MS_MAX,
        );
        waiting.add(look);
        void ended.then(() =>
          output.includes(text)
            ? finish(resolve)
            : finish(() => reject(new Error(`it ended without saying "${text}":\n${output}`))),
        );
        look();
      }),
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      return code ?? -1;
    },
  };
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
