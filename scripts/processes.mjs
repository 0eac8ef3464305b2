import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./checkout.mjs";

/**
 * Runs a program in the foreground and answers with its exit code. SIGTERM and SIGHUP are passed on. A terminal
 * sends Ctrl-C to the child by itself (and so does every Windows console), so SIGINT is passed on only elsewhere:
 * twice would look like an impatient user.
 */
export function runInForeground(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: "inherit", ...options });
  const passOn = (signal) => {
    const alreadyDelivered = process.platform === "win32" || (signal === "SIGINT" && process.stdin.isTTY);
    if (!alreadyDelivered) child.kill(signal);
  };
  const signals = process.platform === "win32" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** Runs a program quietly and answers with its exit code and everything it printed. */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.once("close", (code, signal) => {
      const silent = output.trim() === "" && code !== 0;
      resolve({
        code: code ?? 1,
        output: silent ? `it said nothing and ended with ${signal ?? `exit code ${code}`}` : output,
      });
    });
  });
}
