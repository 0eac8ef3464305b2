import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed } from "./cache.ts";
import { classArchive } from "./class-archive.ts";
import { Daemon } from "./daemon.ts";
import { dockerHost, startContainer } from "./docker.ts";
import { type Java, javaMissing, javaOrThrow } from "./java.ts";
import { LOG_TO_CONSOLE } from "./logging.ts";
import { jars, mavenMissing } from "./maven.ts";
import { portFor } from "./port.ts";
import { runOrThrow } from "./run.ts";
import type { OpenSearchServer, Server, StartOptions } from "./server.ts";
import { IMAGES, JARS, OPENSEARCH_VERSION } from "./versions.ts";
import { obtain } from "./ways.ts";

const JAVA_MIN = 21;
const MAIN = fileURLToPath(new URL("EmbeddedOpenSearch.java", import.meta.url));
/** Writing the archive of classes is part of ending. */
const STOPS_WITHIN_MS = 120_000;
const PORT_IN_CONTAINER = 9200;
const JVM = [
  "-Xms256m",
  "-Xmx512m",
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  // Lucene maps its files with the foreign memory API, and asks loudly for the right to.
  "--enable-native-access=ALL-UNNAMED",
  "--sun-misc-unsafe-memory-access=allow",
];

export function startOpenSearch(options: StartOptions): Promise<OpenSearchServer> {
  return obtain<OpenSearchServer>({
    name: "opensearch",
    options,
    given: (address, lifecycle) => openSearchServer(address.replace(/\/+$/, ""), lifecycle),
    probe: (server) => probe(server.url),
    docker: () => inDocker(options.folder),
    nativeMissing: async () => javaMissing(JAVA_MIN) ?? (await mavenMissing("OpenSearch")),
    native: () => natively(options.folder),
  });
}

async function natively(folder: string): Promise<OpenSearchServer> {
  const java = javaOrThrow(JAVA_MIN);
  const libraries = await jars(`opensearch-${OPENSEARCH_VERSION}`, JARS.opensearch);
  const main = await compiled(java, libraries);
  const classPath = `${main.jar}:${libraries}`;
  const flags = await classArchive(main.name, java, (training, at) => launch(java, classPath, training, at));
  return launch(java, classPath, flags, folder);
}

async function launch(java: Java, classPath: string, flags: readonly string[], folder: string) {
  await mkdir(folder, { recursive: true });
  const logging = join(folder, "log4j2.properties");
  await writeFile(logging, LOG_TO_CONSOLE);
  const port = await portFor(folder, "http");
  const url = `http://127.0.0.1:${port}`;
  const daemon = new Daemon({
    name: "OpenSearch",
    command: join(java.home, "bin", "java"),
    args: [
      ...JVM,
      ...flags,
      `-Dlog4j2.configurationFile=${logging}`,
      "-cp",
      classPath,
      "EmbeddedOpenSearch",
      folder,
      String(port),
    ],
    log: join(folder, "opensearch.log"),
    probe: () => probe(url),
    stopsWithinMs: STOPS_WITHIN_MS,
  });
  await daemon.start();
  return openSearchServer(url, daemon);
}

/** Our main class, compiled once for each of its texts. In a jar: classes of a folder cannot be archived. */
async function compiled(java: Java, classPath: string): Promise<{ readonly name: string; readonly jar: string }> {
  const hash = createHash("sha256").update(readFileSync(MAIN)).digest("hex").slice(0, 12);
  const name = `opensearch-${OPENSEARCH_VERSION}-${hash}`;
  const folder = await installed(name, async (staging) => {
    const classes = join(staging, "classes");
    const tool = (command: string): string => join(java.home, "bin", command);
    await runOrThrow(tool("javac"), ["--release", String(JAVA_MIN), "-cp", classPath, "-d", classes, MAIN]);
    await runOrThrow(tool("jar"), ["--create", "--file", join(staging, "main.jar"), "-C", classes, "."]);
  });
  return { name, jar: join(folder, "main.jar") };
}

async function inDocker(folder: string): Promise<OpenSearchServer> {
  await mkdir(folder, { recursive: true });
  const port = await portFor(folder, "http");
  const url = `http://${await dockerHost()}:${port}`;
  const container = await startContainer({
    name: "OpenSearch",
    image: IMAGES.opensearch,
    log: join(folder, "opensearch.log"),
    port: { container: PORT_IN_CONTAINER, host: port },
    environment: {
      "discovery.type": "single-node",
      "action.auto_create_index": "false",
      "cluster.routing.allocation.disk.threshold_enabled": "false",
      DISABLE_SECURITY_PLUGIN: "true",
      DISABLE_INSTALL_DEMO_CONFIG: "true",
      OPENSEARCH_JAVA_OPTS: "-Xms512m -Xmx512m",
    },
    probe: () => probe(url),
  });
  return openSearchServer(url, container);
}

const openSearchServer = (url: string, lifecycle: Server): OpenSearchServer => ({
  url,
  get pid() {
    return lifecycle.pid;
  },
  stop: () => lifecycle.stop(),
  kill: () => lifecycle.kill(),
  start: () => lifecycle.start(),
});

async function probe(url: string): Promise<void> {
  const answer = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=2s`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`status ${answer.status}: ${text}`);
}
