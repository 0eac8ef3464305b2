import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { runTool } from "./run-tool.ts";

const JVMS = "/usr/lib/jvm";

/** The `java` of at least this version: `JAVA_HOME`, the path, or any that is installed. Throws when there is none. */
export async function javaAtLeast(major: number): Promise<string> {
  const candidates = [
    ...(process.env["JAVA_HOME"] === undefined ? [] : [join(process.env["JAVA_HOME"], "bin", "java")]),
    "java",
    ...(existsSync(JVMS) ? readdirSync(JVMS).map((name) => join(JVMS, name, "bin", "java")) : []),
  ];
  const seen: string[] = [];
  for (const java of candidates) {
    const version = await versionOf(java);
    if (version !== undefined && version >= major) return java;
    if (version !== undefined) seen.push(`${java} is ${version}`);
  }
  throw new Error(`Java ${major} or later is needed (${seen.join("; ") || "none was found"}); set JAVA_HOME.`);
}

async function versionOf(java: string): Promise<number | undefined> {
  const text = await runTool(java, ["--version"]).catch(() => "");
  const found = /\b(\d+)(?:\.\d+)*/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** `group:artifact:version` */
export type Coordinates = string;

/** The jars of these artefacts and of what they need, in one folder. Needs Maven. */
export const jars = (name: string, artifacts: readonly Coordinates[]): Promise<string> =>
  cached(name, async (folder) => {
    const dependencies = artifacts.map((one) => {
      const [group, artifact, version] = one.split(":");
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
    });
    writeFileSync(
      join(folder, "pom.xml"),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>opsdesk</groupId><artifactId>servers</artifactId><version>1</version><dependencies>${dependencies.join("")}</dependencies></project>`,
    );
    await runTool(
      "mvn",
      [
        "-q",
        "-B",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        `-DoutputDirectory=${join(folder, "lib")}`,
      ],
      { cwd: folder },
    );
  });
