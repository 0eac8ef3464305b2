/** What is deployed: the compose file, the image and what watches them, as far as files alone can say. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../checkout.mjs";
import { readCompose } from "../compose/compose-file.ts";
import { containerProblems } from "../compose/container-rules.ts";
import { fileProblems } from "../compose/file-rules.ts";
import { imageProblems } from "../compose/image-rules.ts";
import { knowsSetting } from "../compose/known-settings.ts";
import { watchProblems } from "../compose/watch-rules.ts";
import { verdict } from "./verdict.ts";

const read = (path: string): string => readFileSync(join(root, path), "utf8");
// Of these package.json files only the lines that are named here are read.
const manifest = JSON.parse(read("package.json")) as { version: string; packageManager: string };
const bootstrap = JSON.parse(read("scripts/bootstrap/package.json")) as { optionalDependencies: { node: string } };

/** The client's own reading, where there is one with its compose plugin. It needs no engine. */
function clientProblems(): readonly string[] {
  if (spawnSync("docker", ["compose", "version"], { encoding: "utf8" }).status !== 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "opsdesk-compose-"));
  try {
    const env = join(folder, "env");
    spawnSync(process.execPath, [join(root, "deploy/make-env.mjs"), env]);
    const run = spawnSync("docker", ["compose", "--env-file", env, "--profile", "*", "config", "-q"], {
      cwd: root,
      encoding: "utf8",
    });
    return run.status === 0 ? [] : [`docker compose config: ${run.stderr.trim()}`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const services = readdirSync(join(root, "services"));
const text = read("docker-compose.yml");
const { file, problems } = readCompose(text);
const around = {
  version: manifest.version,
  services,
  knowsSetting: (name: string) => knowsSetting(name, Object.keys(file?.services ?? {})),
  exists: (path: string) => existsSync(join(root, path)),
  example: read(".env.example"),
};
verdict(
  "compose",
  [
    ...problems.map((problem) => `docker-compose.yml: ${problem}`),
    ...(file === undefined
      ? []
      : [...containerProblems(file, around), ...fileProblems(file, text, around)].map(
          (problem) => `docker-compose.yml: ${problem}`,
        )),
    ...imageProblems(read("Dockerfile"), {
      pnpm: manifest.packageManager.replace("pnpm@", ""),
      node: bootstrap.optionalDependencies.node,
    }),
    ...watchProblems(root, Object.keys(file?.services ?? {})),
    ...clientProblems(),
  ],
  `${String(Object.keys(file?.services ?? {}).length)} containers`,
);
