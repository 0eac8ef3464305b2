import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../checkout.mjs";

export interface ToolRun {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a development package's program, given as its file below node_modules, under this Node. */
export function runTool(file: string, args: readonly string[], cwd: string = root): ToolRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "node_modules", file), ...args], {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return { ok: status === 0, output: `${stdout}${stderr}`.trimEnd() };
}
