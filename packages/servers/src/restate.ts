import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installed } from "./cache.ts";
import { Daemon } from "./daemon.ts";
import { portFor } from "./port.ts";
import { runOrThrow } from "./run.ts";
import type { RestateServer, StartOptions } from "./server.ts";
import { RESTATE_VERSION } from "./versions.ts";

/**
 * One node of Restate with its own settings for what is durable: a commit is on disk before it is answered. From its npm
 * package, for Linux and macOS; never in a container, from where it would have to reach the services of this machine.
 */
export async function startRestate({ folder }: StartOptions): Promise<RestateServer> {
  const name = `restate-server-${process.platform}-${process.arch}`;
  const program = await installed(`${name}-${RESTATE_VERSION}`, (staging) => download(name, staging));
  await mkdir(folder, { recursive: true });
  const [ingress, admin, fabric] = await Promise.all(["ingress", "admin", "fabric"].map((of) => portFor(folder, of)));
  const adminUrl = `http://127.0.0.1:${admin}`;
  const daemon = new Daemon({
    name: "Restate",
    command: join(program, "package", "bin", "restate-server"),
    args: [],
    environment: {
      RESTATE_BASE_DIR: join(folder, "data"),
      RESTATE_NODE_NAME: "one",
      RESTATE_LISTEN_MODE: "tcp",
      RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      // Its default of 24 is for clusters; one node is faster with one (restatedev/restate#5305).
      RESTATE_DEFAULT_NUM_PARTITIONS: "1",
      RESTATE_DISABLE_TELEMETRY: "true",
      RESTATE_LOG_FILTER: "warn",
    },
    log: join(folder, "restate.log"),
    probe: async () => {
      const answer = await fetch(`${adminUrl}/health`);
      if (!answer.ok) throw new Error(`Restate answers ${answer.status}`);
    },
  });
  await daemon.start();
  return {
    ingress: `http://127.0.0.1:${ingress}`,
    admin: adminUrl,
    get pid() {
      return daemon.pid;
    },
    stop: () => daemon.stop(),
    kill: () => daemon.kill(),
    start: () => daemon.start(),
  };
}

async function download(name: string, staging: string): Promise<void> {
  const source = `@restatedev/${name}@${RESTATE_VERSION}`;
  process.stderr.write(`downloading ${source} with npm…\n`);
  await runOrThrow("npm", ["pack", "--silent", source, "--pack-destination", staging]);
  const archive = join(staging, `restatedev-${name}-${RESTATE_VERSION}.tgz`);
  await runOrThrow("tar", ["-xzf", archive, "-C", staging]);
}
