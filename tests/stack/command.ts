import { spawn } from "node:child_process";

/** Runs a program to its end; what it prints goes to the error stream. */
export const run = (
  command: string,
  args: readonly string[],
  cwd: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> =>
  new Promise((resolve, reject) => {
    // The package manager follows the folder that it was called for, not the one that it is in.
    const { INIT_CWD: _, ...env } = process.env;
    const child = spawn(command, args, { cwd, env: { ...env, ...more }, stdio: ["ignore", 2, 2] });
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${String(code)}`))));
  });
