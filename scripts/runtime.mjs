/** The runtime this checkout goes on under: Node 24 and pnpm, from `scripts/bootstrap` where they are missing. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { inCheckout, say, SetupError } from "./checkout.mjs";
import { runQuietly } from "./processes.mjs";

/** Type stripping without a flag and without a warning. */
const NODE_MAJOR = 24;
const NODE_MINOR_MIN = 12;

const modules = inCheckout("scripts", "bootstrap", "node_modules");
const stampFile = inCheckout("scripts", "bootstrap", "node_modules", ".opsdesk-stamp");
const pnpmScript = inCheckout("scripts", "bootstrap", "node_modules", "pnpm", "bin", "pnpm.cjs");
const ownNode = inCheckout(
  "scripts",
  "bootstrap",
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const currentNodeWillDo = major === NODE_MAJOR && minor >= NODE_MINOR_MIN;

/** Answers with the Node 24 to run under and the pnpm script to install with; installs what is missing. */
export async function ensureRuntime() {
  if (major < 20) {
    throw new SetupError(
      `Node 20 or newer is needed to start; this is Node ${process.versions.node}. Install a current Node and run the same command again.`,
    );
  }
  const wanted = stampOf(readFileSync(inCheckout("scripts", "bootstrap", "package-lock.json")));
  const stamp = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";
  const node = existsSync(ownNode) ? ownNode : currentNodeWillDo ? process.execPath : undefined;
  if (stamp === wanted && node !== undefined && existsSync(pnpmScript)) return { node, pnpmScript };

  say(
    currentNodeWillDo
      ? "installing pnpm (once)"
      : `installing Node ${NODE_MAJOR} and pnpm (once; about 60 MB to download)`,
  );
  const npm = npmCommand();
  const { code, output } = await runQuietly(
    npm.command,
    [...npm.args, "ci", "--no-audit", "--no-fund", ...(currentNodeWillDo ? ["--omit=optional"] : [])],
    { cwd: dirname(modules), shell: npm.shell, env: cleanNpmEnvironment() },
  );
  const installed = existsSync(ownNode) ? ownNode : currentNodeWillDo ? process.execPath : undefined;
  if (code !== 0 || !existsSync(pnpmScript)) {
    throw new SetupError(
      `npm could not install the runtime (scripts/bootstrap); is the package registry reachable?\n${tail(output)}`,
    );
  }
  if (installed === undefined) {
    throw new SetupError(
      `npm has no Node ${NODE_MAJOR} for ${process.platform} ${process.arch}, or could not download it. Install Node ${NODE_MAJOR}.${NODE_MINOR_MIN} or a later ${NODE_MAJOR} from nodejs.org and run the same command again: it is then used as it is.\n${tail(output)}`,
    );
  }
  writeFileSync(stampFile, wanted);
  return { node: installed, pnpmScript };
}

/** The environment for everything that runs in the checkout: our Node and its tools come first on the path. */
export function environmentFor(runtime, additions = {}) {
  // Windows spells it `Path`; a second `PATH` beside it would be ignored.
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const path = [
    dirname(runtime.node),
    inCheckout("node_modules", ".bin"),
    inCheckout("scripts", "bootstrap", "node_modules", ".bin"),
    process.env[pathName] ?? "",
  ].join(delimiter);
  return { ...process.env, [pathName]: path, ...additions };
}

export const stampOf = (...parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** The end of a tool's output: where the reason stands. */
export const tail = (output) => output.trimEnd().split("\n").slice(-25).join("\n");

/** npm as a script under this Node where npm started us; otherwise from the path (a `.cmd` on Windows needs a shell). */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && script.endsWith("npm-cli.js"))
    return { command: process.execPath, args: [script], shell: false };
  return process.platform === "win32"
    ? { command: "npm.cmd", args: [], shell: true }
    : { command: "npm", args: [], shell: false };
}

/** `npm start` and `npx` hand their own settings down as npm_config_*; the ones that say where to install must not reach `npm ci`. */
function cleanNpmEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_config_(prefix|local_prefix|global|omit|include|package|call|workspaces?)$/i.test(name) &&
        !/^npm_(package|lifecycle)_/i.test(name),
    ),
  );
}
