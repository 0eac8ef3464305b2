import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";

/** Where what tests install is kept between runs, by what it was made from. */
const CACHE = process.env["OPSDESK_TEST_CACHE"] ?? join(homedir(), ".cache", "opsdesk", "clients");

export interface Run {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a program to its end and answers its stdout. Throws what it said when it fails. */
export function ran(command: string, args: readonly string[], { cwd, env, input }: Run = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    encoding: "utf8",
    input: input ?? "",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.join(" ")}: ${error?.message ?? `exit code ${String(status)}`}\n${stdout}${stderr}`,
  );
}

/** A folder of the cache that is filled once for each content of `manifests`; whole or not there. */
export function cached(name: string, manifests: readonly string[], fill: (folder: string) => void): string {
  const hash = createHash("sha256");
  for (const file of manifests) hash.update(readFileSync(file));
  const folder = join(CACHE, `${name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(join(folder, ".whole"))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  fill(folder);
  mkdirSync(join(folder, ".filling"), { recursive: true });
  renameSync(join(folder, ".filling"), join(folder, ".whole"));
  return folder;
}
