import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/checkout.mjs";
import { cached, ran } from "./cache.ts";

const INTEGRATE = join(root, "docs/integrate");

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** How one language's programs are started. */
export interface Client {
  readonly publish: (externalId: string, text: string) => Command;
  readonly consume: (group: string) => Command;
  readonly verify: () => Command;
}

/** The programs as they are, beside packages of their lock file and none of ours. */
export function javascript(): Client {
  const from = join(INTEGRATE, "javascript");
  const sources = readdirSync(from).filter((name) => /\.(mjs|json)$/.test(name));
  const folder = cached(
    "javascript",
    sources.map((name) => join(from, name)),
    (target) => {
      for (const name of sources) copyFileSync(join(from, name), join(target, name));
      ran("npm", ["ci", "--no-audit", "--no-fund"], { cwd: target });
    },
  );
  const program = (name: string, ...args: readonly string[]): Command => ({
    command: process.execPath,
    args: [join(folder, name), ...args],
  });
  return {
    publish: (externalId, text) => program("publish.mjs", externalId, text),
    consume: (group) => program("consume.mjs", group),
    verify: () => program("verify.mjs"),
  };
}

function pythonFolder(): string {
  const requirements = join(INTEGRATE, "python", "requirements.txt");
  return cached("python", [requirements], (target) => {
    ran("python3", ["-m", "venv", target]);
    ran(join(target, "bin/pip"), ["install", "--quiet", "--requirement", requirements]);
  });
}

export function python(): Client {
  const from = join(INTEGRATE, "python");
  const folder = pythonFolder();
  const program = (name: string, ...args: readonly string[]): Command => ({
    command: join(folder, "bin/python"),
    args: [join(from, name), ...args],
  });
  return {
    publish: (externalId, text) => program("publish.py", externalId, text),
    consume: (group) => program("consume.py", group),
    verify: () => program("verify.py"),
  };
}

export function go(): Client {
  const from = join(INTEGRATE, "go");
  const names = ["publish", "consume", "verify"];
  const sources = ["go.mod", "go.sum", ...names.map((name) => join(name, "main.go"))];
  const folder = cached(
    "go",
    sources.map((name) => join(from, name)),
    (target) => {
      for (const name of names) ran("go", ["build", "-o", join(target, name), `./${name}`], { cwd: from });
    },
  );
  const program = (name: string, ...args: readonly string[]): Command => ({ command: join(folder, name), args });
  return {
    publish: (externalId, text) => program("publish", externalId, text),
    consume: (group) => program("consume", group),
    verify: () => program("verify"),
  };
}

/**
 * What kcat is told to sign in to a Kafka 4 broker: librdkafka before 2.6.1 answers SCRAM wrongly, and Debian's is older.
 * The one that comes with Python's client is not.
 */
export function newerLibrdkafka(): Readonly<Record<string, string>> {
  const [, major = 0, minor = 0] = /librdkafka (\d+)\.(\d+)/.exec(ran("kcat", ["-V"]))?.map(Number) ?? [];
  if (process.platform !== "linux" || major > 2 || (major === 2 && minor > 6)) return {};
  const [library] = globSync("lib/python*/site-packages/confluent_kafka.libs/librdkafka-*", { cwd: pythonFolder() });
  if (library === undefined) throw new Error("Python's confluent-kafka came without its librdkafka");
  return { LD_PRELOAD: join(pythonFolder(), library) };
}

/** kcat from the path, else from Debian's packages where this process may install them. */
export function needKcat(): void {
  if (spawnSync("kcat", ["-V"]).status === 0) return;
  if (process.getuid?.() !== 0)
    throw new Error("kcat is not there and only root can install it: apt-get install kcat, or brew install kcat.");
  ran("apt-get", ["update"]);
  ran("apt-get", ["install", "--yes", "--no-install-recommends", "kcat"]);
}
