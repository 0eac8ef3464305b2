import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Command } from "./clients.ts";

/** A program that runs until it is stopped, with the lines it has printed. */
export interface Running {
  readonly lines: () => readonly string[];
  /** Waits for a line on stderr that holds these words. */
  readonly said: (words: string) => Promise<void>;
  /** Asks it to end; answers its exit code, null where a signal ended it. */
  stop(): Promise<number | null>;
}

export function start({ command, args }: Command, env: Readonly<Record<string, string>>): Running {
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => (out += String(chunk)));
  child.stderr?.on("data", (chunk) => (err += String(chunk)));
  return {
    lines: () => out.split("\n").filter((line) => line !== ""),
    said: (words) =>
      eventually(() => {
        if (err.includes(words)) return true;
        if (child.exitCode !== null) throw new Error(`it ended with exit code ${String(child.exitCode)}:\n${err}`);
        return undefined;
      }).then(() => undefined),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
      return child.exitCode;
    },
  };
}

/** Asks again until there is an answer, for at most a minute and a half. */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const until = Date.now() + 90_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > until) throw new Error("nothing came within a minute and a half");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
