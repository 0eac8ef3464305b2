import { spawn } from "node:child_process";

export interface Outcome {
  /** 127 where there is no such program. */
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end and answers with what it printed. */
export function run(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", (error) => resolve({ code: 127, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

const LINES_SHOWN = 20;

export async function runOrThrow(command: string, args: readonly string[], options: { cwd?: string } = {}) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ended with exit code ${code}:\n${lastLines(output)}`);
  return output;
}

export const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-LINES_SHOWN).join("\n");
