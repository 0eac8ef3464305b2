import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import getPort from "get-port";
import { cached } from "./cache.ts";
import { jars, javaAtLeast } from "./java.ts";
import { startNative } from "./native.ts";
import { answers200 } from "./reach.ts";
import { runTool } from "./run-tool.ts";
import { type OpenSearchServer, givenServer } from "./server.ts";

const VERSION = "3.8.0";
const MODULES = [
  "transport-netty4-client",
  "analysis-common",
  "lang-painless",
  "reindex-client",
  "mapper-extras-client",
  "ingest-common",
  "search-pipeline-common",
];
const SOURCE = fileURLToPath(new URL("../java/SearchNode.java", import.meta.url));

/**
 * An OpenSearch: `OPSDESK_TEST_OPENSEARCH_URL` where it is set, else one node in `folder`, made of the published
 * libraries: no k-NN, no index state management, no security.
 */
export async function startOpenSearch(options: { readonly folder: string }): Promise<OpenSearchServer> {
  const given = process.env["OPSDESK_TEST_OPENSEARCH_URL"];
  if (given !== undefined && given !== "") return { ...givenServer, url: given };

  const { folder } = options;
  mkdirSync(folder, { recursive: true });
  const java = await javaAtLeast(21);
  const lib = join(
    await jars(`opensearch-${VERSION}`, [
      `org.opensearch:opensearch:${VERSION}`,
      ...MODULES.map((module) => `org.opensearch.plugin:${module}:${VERSION}`),
      "org.apache.logging.log4j:log4j-core:2.25.4",
    ]),
    "lib",
    "*",
  );
  const classes = await cached(`opensearch-${VERSION}-node-1`, async (to) => {
    const javac = existsSync(join(dirname(java), "javac")) ? join(dirname(java), "javac") : "javac";
    await runTool(javac, ["-cp", lib, "-d", to, SOURCE]);
  });
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startNative({
    name: `OpenSearch ${VERSION}`,
    file: java,
    args: [
      ...["-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...["-XX:+AutoCreateSharedArchive", `-XX:SharedArchiveFile=${join(dirname(classes), "opensearch.jsa")}`],
      ...["-cp", `${classes}:${lib}`, "SearchNode", folder, String(port)],
    ],
    log: join(folder, "opensearch.log"),
    ready: () => answers200(`${url}/_cluster/health?wait_for_status=yellow&timeout=2s`),
    readyMsMax: 120_000,
  });
  return { ...server, url };
}
