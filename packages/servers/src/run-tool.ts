import { execFile } from "node:child_process";

/** Runs a tool to its end and answers what it printed. Throws with its last words when it fails or is not there. */
export function runTool(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      { maxBuffer: 64 * 1024 * 1024, cwd: options.cwd, env: { ...process.env, ...options.env } },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const words = `${stdout}\n${stderr}`.trim().split("\n").slice(-15).join("\n");
        reject(new Error(`${file} ${args.slice(0, 3).join(" ")} failed: ${error.message.split("\n")[0]}\n${words}`));
      },
    );
  });
}
