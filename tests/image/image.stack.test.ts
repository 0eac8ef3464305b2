import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root as checkout } from "../../scripts/checkout.mjs";
import { type BuiltFolder, buildFolder } from "./build-folder.ts";

const PORT = "4917";
const SERVICES = readdirSync(join(checkout, "services"));

let target = "";
let built: BuiltFolder;

beforeAll(() => {
  if (process.getuid?.() !== 0) throw new Error("This suite gives files another owner and must be run as root.");
  target = mkdtempSync(join(tmpdir(), "opsdesk-image-"));
  chmodSync(target, 0o755);
  built = buildFolder(checkout, target);
}, 300_000);

afterAll(() => {
  rmSync(target, { recursive: true, force: true });
});

/** What the container's process would be started with: its user, its variables and no others. */
function inImage(extra: Readonly<Record<string, string>> = {}): {
  cwd: string;
  uid: number;
  gid: number;
  env: NodeJS.ProcessEnv;
} {
  const [uid = Number.NaN, gid = Number.NaN] = built.user.split(":").map(Number);
  const PATH = `${built.root}/usr/local/bin:/usr/bin:/bin`;
  return { cwd: join(built.root, built.workdir), uid, gid, env: { PATH, ...built.environment, PORT, ...extra } };
}

const inShell = (script: string): { status: number | null; stdout: string; stderr: string } =>
  spawnSync("sh", ["-c", script], { ...inImage(), encoding: "utf8" });

const healthy = (): boolean => {
  const [command = "", ...args] = built.healthcheck;
  return spawnSync(command, args, inImage()).status === 0;
};

it("runs as a numbered user that cannot change what it runs", () => {
  expect(built.user).toBe("1000:1000");
  expect(inShell("id -u").stdout.trim()).toBe("1000");
  const tried = inShell("touch LICENSE 2>&1; touch services/triage/src/main.ts 2>&1; touch new-file 2>&1; true");
  expect(tried.stdout.match(/Permission denied/g)).toHaveLength(3);
  expect(inShell("find . -writable -not -type l | head").stdout).toBe("");
});

it("may write to the blobs' folder", () => {
  const blobs = join(built.root, "var/lib/opsdesk/blobs");
  expect(inShell(`touch ${blobs}/one && rm ${blobs}/one`).status).toBe(0);
});

it("holds what runs and nothing of tests, tools or this checkout's own data", () => {
  const folder = join(built.root, built.workdir);
  expect(readdirSync(folder).toSorted()).toEqual(
    [
      ...["LICENSE", "apps", "deploy", "desks", "node_modules", "package.json", "packages"],
      ...["pnpm-lock.yaml", "pnpm-workspace.yaml", "schemas", "services"],
    ].toSorted(),
  );
  expect(inShell("find . -name '*.test.ts' -not -path '*/node_modules/*' | head").stdout).toBe("");
  for (const tool of ["typescript", "jest", "turbo", "oxlint"])
    expect(existsSync(join(folder, "node_modules", tool))).toBe(false);
  const megabytes = Number(inShell("du -sm .").stdout.split("\t")[0]);
  expect(megabytes).toBeLessThan(200);
});

it("answers to the command line", () => {
  const run = spawnSync("node", ["apps/opsdesk/src/main.ts", "--help"], { ...inImage(), encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.stdout).toContain("Usage: opsdesk");
});

it.each(SERVICES)(
  "starts %s, which becomes healthy, and ends when it is asked to",
  async (service) => {
    const data = join(target, `data-${service}`);
    mkdirSync(data);
    chmodSync(data, 0o777);
    const [command = "", ...args] = built.entrypoint;
    const child = spawn(command, [...args, `services/${service}/src/main.ts`], {
      ...inImage({
        OPSDESK_DATA_DIR: data,
        OPSDESK_LINK_KEY: "k".repeat(32),
        OPSDESK_SECRETS_KEY: "k".repeat(32),
      }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
    try {
      const until = Date.now() + 60_000;
      while (!healthy()) {
        if (child.exitCode !== null || Date.now() > until) throw new Error(`${service} is not healthy:\n${said}`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    } finally {
      const ended = child.exitCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      await ended;
    }
    expect(child.exitCode).toBe(0);
    expect(healthy()).toBe(false);
  },
  120_000,
);
