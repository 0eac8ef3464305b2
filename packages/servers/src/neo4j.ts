import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { jars, javaAtLeast } from "./java.ts";
import { startNative } from "./native.ts";
import { listens } from "./reach.ts";
import { runTool } from "./run-tool.ts";
import { type Neo4jServer, givenServer } from "./server.ts";

const VERSION = "2026.08.1";
const PASSWORD = "password-of-a-test-graph";
const OPENS = ["java.nio", "java.io", "sun.nio.ch", "java.util.concurrent"].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
);

/** A Neo4j Community: `OPSDESK_TEST_NEO4J_URL` (with `_USER` and `_PASSWORD`) where it is set, else one in `folder`. */
export async function startNeo4j(options: { readonly folder: string }): Promise<Neo4jServer> {
  const given = process.env["OPSDESK_TEST_NEO4J_URL"];
  if (given !== undefined && given !== "")
    return {
      ...givenServer,
      url: given,
      user: process.env["OPSDESK_TEST_NEO4J_USER"] ?? "neo4j",
      password: process.env["OPSDESK_TEST_NEO4J_PASSWORD"] ?? "",
    };

  const { folder } = options;
  const conf = join(folder, "conf");
  mkdirSync(conf, { recursive: true });
  const java = await javaAtLeast(21);
  const lib = join(await jars(`neo4j-${VERSION}`, [`org.neo4j:neo4j:${VERSION}`]), "lib", "*");
  const port = await getPort();
  writeFileSync(
    join(conf, "neo4j.conf"),
    [
      `server.bolt.listen_address=127.0.0.1:${port}`,
      `server.bolt.advertised_address=127.0.0.1:${port}`,
      "server.http.enabled=false",
      "server.https.enabled=false",
      "dbms.usage_report.enabled=false",
      "server.memory.pagecache.size=64m",
      "db.tx_log.preallocate=false",
      "",
    ].join("\n"),
  );
  const home = [`--home-dir=${folder}`, `--config-dir=${conf}`];
  if (!existsSync(join(folder, "data", "dbms")))
    await runTool(
      java,
      [...OPENS, "-cp", lib, "org.neo4j.server.startup.Neo4jAdminCommand", "dbms", "set-initial-password", PASSWORD],
      { env: { NEO4J_HOME: folder, NEO4J_CONF: conf } },
    );
  const server = await startNative({
    name: `Neo4j ${VERSION}`,
    file: java,
    args: [
      ...["-Xms256m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...OPENS,
      ...["-cp", lib, "org.neo4j.server.Neo4jCommunity", ...home],
    ],
    log: join(folder, "neo4j.log"),
    ready: () => listens(port),
    readyMsMax: 120_000,
    // In order it takes twelve seconds; its data survive this as they survive a crash.
    stopSignal: "SIGKILL",
  });
  return { ...server, url: `bolt://127.0.0.1:${port}`, user: "neo4j", password: PASSWORD };
}
