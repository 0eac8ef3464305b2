import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import neo4j from "neo4j-driver";
import { classArchive } from "./class-archive.ts";
import { Daemon } from "./daemon.ts";
import { dockerHost, startContainer } from "./docker.ts";
import { NEO4J_PASSWORD, NEO4J_USER } from "./environment.ts";
import { javaMissing, javaOrThrow } from "./java.ts";
import { jars, mavenMissing } from "./maven.ts";
import { portFor } from "./port.ts";
import { runOrThrow } from "./run.ts";
import type { Neo4jServer, Server, StartOptions } from "./server.ts";
import { IMAGES, JARS, NEO4J_VERSION } from "./versions.ts";
import { obtain } from "./ways.ts";

const JAVA_MIN = 21;
const USER = "neo4j";
/** Neo4j wants eight characters; it listens on this machine only. */
const PASSWORD = "opsdesk-test";
/** Writing the archive of classes is part of ending. */
const STOPS_WITHIN_MS = 120_000;
const PORT_IN_CONTAINER = 7687;
const JVM = [
  "-Xms256m",
  "-Xmx512m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  ...["java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
  "--enable-native-access=ALL-UNNAMED",
  "--sun-misc-unsafe-memory-access=allow",
];

export function startNeo4j(options: StartOptions): Promise<Neo4jServer> {
  return obtain<Neo4jServer>({
    name: "neo4j",
    options,
    given: (url, lifecycle) =>
      neo4jServer(url, process.env[NEO4J_USER] ?? USER, process.env[NEO4J_PASSWORD] ?? PASSWORD, lifecycle),
    probe: ({ url, user, password }) => probe(url, user, password),
    docker: () => inDocker(options.folder),
    nativeMissing: async () => javaMissing(JAVA_MIN) ?? (await mavenMissing("Neo4j")),
    native: () => natively(options.folder),
  });
}

async function natively(folder: string): Promise<Neo4jServer> {
  const java = javaOrThrow(JAVA_MIN);
  const name = `neo4j-${NEO4J_VERSION}`;
  const classPath = await jars(name, JARS.neo4j);
  const launch = (flags: readonly string[], at: string, stopSignal: NodeJS.Signals): Promise<Neo4jServer> =>
    launchNatively({ java: join(java.home, "bin", "java"), classPath, flags, folder: at, stopSignal });
  const flags = await classArchive(name, java, (training, at) => launch(training, at, "SIGTERM"));
  // Told to stop it takes twelve seconds; killed it loses nothing that was committed.
  return launch(flags, folder, "SIGKILL");
}

interface NativeNeo4j {
  readonly java: string;
  readonly classPath: string;
  readonly flags: readonly string[];
  readonly folder: string;
  readonly stopSignal: NodeJS.Signals;
}

async function launchNatively({ java, classPath, flags, folder, stopSignal }: NativeNeo4j): Promise<Neo4jServer> {
  const configuration = join(folder, "conf");
  await mkdir(configuration, { recursive: true });
  const port = await portFor(folder, "bolt");
  await writeFile(join(configuration, "neo4j.conf"), configurationFile(port));
  const common = [...JVM, "-cp", classPath];
  if (!existsSync(join(folder, "data"))) {
    const homes = [`NEO4J_HOME=${folder}`, `NEO4J_CONF=${configuration}`];
    const admin = ["org.neo4j.server.startup.Neo4jAdminCommand", "dbms", "set-initial-password", PASSWORD];
    await runOrThrow("env", [...homes, java, ...common, ...admin]);
  }
  const url = `bolt://127.0.0.1:${port}`;
  const daemon = new Daemon({
    name: "Neo4j",
    command: java,
    args: [
      ...flags,
      ...common,
      "org.neo4j.server.Neo4jCommunity",
      `--home-dir=${folder}`,
      `--config-dir=${configuration}`,
    ],
    log: join(folder, "neo4j.log"),
    probe: () => probe(url, USER, PASSWORD),
    stopSignal,
    stopsWithinMs: STOPS_WITHIN_MS,
  });
  await daemon.start();
  return neo4jServer(url, USER, PASSWORD, daemon);
}

/** A setting that Neo4j does not know stops it. */
const configurationFile = (port: number): string => `server.bolt.listen_address=127.0.0.1:${port}
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size=64m
db.tx_log.preallocate=false
`;

async function inDocker(folder: string): Promise<Neo4jServer> {
  await mkdir(folder, { recursive: true });
  const port = await portFor(folder, "bolt");
  const url = `bolt://${await dockerHost()}:${port}`;
  const container = await startContainer({
    name: "Neo4j",
    image: IMAGES.neo4j,
    log: join(folder, "neo4j.log"),
    port: { container: PORT_IN_CONTAINER, host: port },
    environment: { NEO4J_AUTH: `${USER}/${PASSWORD}`, NEO4J_server_memory_pagecache_size: "64m" },
    probe: () => probe(url, USER, PASSWORD),
  });
  return neo4jServer(url, USER, PASSWORD, container);
}

const neo4jServer = (url: string, user: string, password: string, lifecycle: Server): Neo4jServer => ({
  url,
  user,
  password,
  get pid() {
    return lifecycle.pid;
  },
  stop: () => lifecycle.stop(),
  kill: () => lifecycle.kill(),
  start: () => lifecycle.start(),
});

/** A real query: the first one takes seconds, which no test should pay for. */
async function probe(url: string, user: string, password: string): Promise<void> {
  const driver = neo4j.driver(url, neo4j.auth.basic(user, password), { connectionTimeout: 2_000 });
  try {
    await driver.executeQuery("RETURN 1");
  } finally {
    await driver.close();
  }
}
