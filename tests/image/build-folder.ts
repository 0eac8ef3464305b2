import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { contextOf } from "./build-context.ts";
import { type Instruction, stagesOf, variablesOf } from "./dockerfile.ts";

/** What an image would say of how it is run, with the folder that would be its root. */
export interface BuiltFolder {
  readonly root: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Building {
  root: string;
  workdir: string;
  environment: Record<string, string>;
  user: string;
  entrypoint: readonly string[];
  healthcheck: readonly string[];
}

/**
 * Carries out the checkout's Dockerfile without an engine: each stage in a folder below `target` in place of the base
 * image, with this machine's Node. An instruction that is not known here throws.
 */
export function buildFolder(checkout: string, target: string): BuiltFolder {
  const stages = new Map<string, Building>();
  let current: Building | undefined;
  for (const { name, instructions } of stagesOf(readFileSync(join(checkout, "Dockerfile"), "utf8"))) {
    const root = join(target, name);
    current = { root, workdir: "/", environment: {}, user: "0:0", entrypoint: [], healthcheck: [] };
    mkdirSync(join(root, "usr/local/bin"), { recursive: true });
    // Where the services' user may run it, wherever this Node is.
    copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
    chmodSync(join(root, "usr/local/bin/node"), 0o755);
    stages.set(name, current);
    for (const instruction of instructions) carryOut(instruction, current, stages, checkout);
  }
  if (current === undefined) throw new Error("the Dockerfile has no stage");
  return current;
}

function carryOut(instruction: Instruction, building: Building, stages: Map<string, Building>, checkout: string): void {
  const { name, text } = instruction;
  const here = join(building.root, building.workdir);
  if (name === "ENV") Object.assign(building.environment, variablesOf(text));
  else if (name === "WORKDIR") mkdirSync(join(building.root, (building.workdir = text)), { recursive: true });
  else if (name === "USER") building.user = text;
  else if (name === "ENTRYPOINT") building.entrypoint = JSON.parse(text) as string[];
  else if (name === "HEALTHCHECK") building.healthcheck = JSON.parse(text.slice(text.indexOf("["))) as string[];
  else if (name === "RUN") run(text, building);
  else if (name === "COPY") copy(text.split(/\s+/), here, stages, checkout);
  else if (!["ARG", "CMD", "EXPOSE", "LABEL"].includes(name)) throw new Error(`${name} is not known here`);
}

/** In the stage's folder: paths from the root are paths from there. */
function run(text: string, { root, workdir, environment }: Building): void {
  const moved = text.replaceAll(/(^|\s)\/(?=\w)/g, `$1${root}/`);
  const path = [join(root, "usr/local/bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const { status, stdout, stderr } = spawnSync("sh", ["-c", moved], {
    cwd: join(root, workdir),
    encoding: "utf8",
    env: { ...process.env, ...environment, PATH: path, npm_config_prefix: join(root, "usr/local") },
  });
  if (status !== 0) throw new Error(`RUN ${text}: exit code ${String(status)}\n${stdout}${stderr}`);
}

function copy(words: readonly string[], here: string, stages: Map<string, Building>, checkout: string): void {
  const [first = "", ...rest] = words;
  const from = /^--from=(.+)$/.exec(first)?.[1];
  if (from !== undefined) {
    const stage = stages.get(from);
    if (stage === undefined) throw new Error(`COPY --from=${from}: no such stage`);
    const [source = "", destination = ""] = rest;
    cpSync(join(stage.root, source), join(here, destination), { recursive: true, verbatimSymlinks: true });
    return;
  }
  const sources = words.slice(0, -1);
  const destination = join(here, words.at(-1) ?? "");
  const context = contextOf(checkout);
  for (const source of sources) {
    // Of a folder its contents are copied, of a file the file.
    const within = source === "." ? "" : `${source}/`;
    const found = context.filter((path) => path === source || path.startsWith(within));
    if (found.length === 0) throw new Error(`COPY ${words.join(" ")}: ${source} is not in the build's context`);
    for (const path of found) {
      const to = join(destination, path === source ? basename(path) : path.slice(within.length));
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(checkout, path), to);
    }
  }
}
